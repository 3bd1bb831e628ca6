import { GetServiceSetting$, type GetServiceSettingRequest, type GetServiceSettingResult } from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { settingNamed, settingView } from '../settings';
import type { Ssm } from '../state';

export const getServiceSetting = ({ world, settings }: Ssm) =>
  operation<GetServiceSettingRequest, GetServiceSettingResult>(
    'ssm',
    GetServiceSetting$,
    'partial: the role of Default Host Management only',
    ({ input, authorize }) => {
      const arn = settingNamed(world, input.SettingId, (resource) => authorize('ssm:GetServiceSetting', resource));
      return { ServiceSetting: settingView(arn, settings) };
    },
  );
