import type { ServiceSetting } from '@aws-sdk/client-ssm';
import { AwsError, type World } from '../world';

/** The one service setting that is here: the role of Default Host Management (aws-facts-2 17.3). */
const HOST_ROLE = '/ssm/managed-instance/default-ec2-instance-management-role';
/** Its value while Default Host Management is off. */
export const NO_ROLE = '$None';

/** What the account has set it to. */
export interface Settings {
  /** Name of a role, with its path but for the first slash; undefined: off. */
  hostRole?: string;
  /** Epoch ms of the last change, and who made it. */
  since: number;
  modifiedBy?: string;
}

/**
 * The setting's ARN, however a request names it.
 * @throws AwsError ServiceSettingNotFound for every other setting, once it is authorized
 */
export function settingNamed({ partition, region, account }: World, id = '', authorize: (arn: string) => void): string {
  const prefix = `arn:${partition}:ssm:${region}:${account}:servicesetting`;
  const arn = id.startsWith('arn:') ? id : prefix + id;
  authorize(arn);
  if (arn === prefix + HOST_ROLE) return arn;
  // Unconfirmed: the text.
  throw new AwsError('ServiceSettingNotFound', `The service setting ${id} was not found.`);
}

export function settingView(ARN: string, { hostRole, since, modifiedBy }: Settings): ServiceSetting {
  return {
    SettingId: HOST_ROLE,
    SettingValue: hostRole ?? NO_ROLE,
    LastModifiedDate: new Date(since),
    LastModifiedUser: modifiedBy ?? 'System',
    ARN,
    Status: hostRole ? 'Customized' : 'Default',
  };
}
