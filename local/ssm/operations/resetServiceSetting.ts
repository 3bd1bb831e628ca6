import {
  ResetServiceSetting$,
  type ResetServiceSettingRequest,
  type ResetServiceSettingResult,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { settingNamed, settingView } from '../settings';
import type { Ssm } from '../state';

export const resetServiceSetting = ({ world, settings }: Ssm) =>
  operation<ResetServiceSettingRequest, ResetServiceSettingResult>(
    'ssm',
    ResetServiceSetting$,
    'partial: the role of Default Host Management only',
    ({ input, authorize }) => {
      const arn = settingNamed(world, input.SettingId, (resource) => authorize('ssm:ResetServiceSetting', resource));
      Object.assign(settings, { hostRole: undefined, modifiedBy: undefined, since: world.clock.now() });
      return { ServiceSetting: settingView(arn, settings) };
    },
  );
