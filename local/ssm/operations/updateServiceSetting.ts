import {
  UpdateServiceSetting$,
  type UpdateServiceSettingRequest,
  type UpdateServiceSettingResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation, type World } from '../../world';
import { NO_ROLE, settingNamed } from '../settings';
import { type Ssm, validate } from '../state';

export const updateServiceSetting = ({ world, settings }: Ssm) =>
  operation<UpdateServiceSettingRequest, UpdateServiceSettingResult>(
    'ssm',
    UpdateServiceSetting$,
    'partial: the role of Default Host Management only',
    async ({ input: { SettingId, SettingValue: value = '' }, authorize, principal }) => {
      validate(['settingValue', value, value.length >= 1, 'have length greater than or equal to 1']);
      settingNamed(world, SettingId, (resource) => authorize('ssm:UpdateServiceSetting', resource));
      const since = world.clock.now();
      // Unconfirmed: that this value, too, is the default again.
      if (value === NO_ROLE) {
        Object.assign(settings, { hostRole: undefined, modifiedBy: undefined, since });
        return {};
      }
      const arn = `arn:${world.partition}:iam::${world.account}:role/${value}`;
      authorize('iam:PassRole', arn, { 'iam:PassedToService': 'ssm.amazonaws.com' });
      await checkRole(world, arn, value);
      Object.assign(settings, { hostRole: value, modifiedBy: principal.arn, since });
      return {};
    },
  );

/** Unconfirmed: that a role which is not there is refused, and with it one whose path is not in the value. */
async function checkRole(world: World, arn: string, value: string): Promise<void> {
  const RoleName = value.slice(value.lastIndexOf('/') + 1);
  const found = await world.asRoot('iam', 'GetRole', { RoleName }).catch(() => undefined);
  if (found?.Role.Arn !== arn) throw new AwsError('ValidationException', `There is no role ${arn}.`);
}
