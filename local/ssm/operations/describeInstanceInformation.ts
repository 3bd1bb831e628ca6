import {
  DescribeInstanceInformation$,
  type DescribeInstanceInformationRequest,
  type DescribeInstanceInformationResult,
  type InstanceInformation,
  type InstanceInformationStringFilter,
} from '@aws-sdk/client-ssm';
import { AwsError, type Instance, operation } from '../../world';
import { invalidFilterKey } from '../filters';
import { inOrder, validatePage } from '../pages';
import { refuse, type Ssm } from '../state';

/** A filter's key, and what of an instance it looks at. */
const FILTERS: Record<string, (view: InstanceInformation) => string | undefined> = {
  AgentVersion: (view) => view.AgentVersion,
  IamRole: (view) => view.IamRole,
  InstanceIds: (view) => view.InstanceId,
  PingStatus: (view) => view.PingStatus,
  PlatformTypes: (view) => view.PlatformType,
  ResourceType: (view) => view.ResourceType,
};
const DEFAULT_PAGE = 10;

export const describeInstanceInformation = (ssm: Ssm) =>
  operation<DescribeInstanceInformationRequest, DescribeInstanceInformationResult>(
    'ssm',
    DescribeInstanceInformation$,
    `partial: Filters ${Object.keys(FILTERS).join(', ')}, tag:KEY; no InstanceInformationFilterList`,
    ({ input, authorize }) => {
      const { Filters = [] } = input;
      validatePage(input, 50, 5);
      refuse(input, 'InstanceInformationFilterList');
      checkFilters(Filters);
      authorize('ssm:DescribeInstanceInformation');
      const managed = ssm.world.ec2
        .instances()
        .filter(({ id }) => ssm.registry.managed(id))
        .map((instance) => ({ instance, view: instanceView(ssm, instance) }))
        .filter(({ instance, view }) => Filters.every((filter) => matches(instance, view, filter)));
      const page = { MaxResults: DEFAULT_PAGE, ...input };
      const { items, NextToken } = inOrder(managed, ({ instance }) => instance.id, page);
      return { InstanceInformationList: items.map(({ view }) => view), NextToken };
    },
  );

/** Unconfirmed: the code for a mixture. */
function checkFilters(filters: InstanceInformationStringFilter[]): void {
  const tags = filters.filter(({ Key = '' }) => Key.startsWith('tag:'));
  const unknown = filters.find((filter) => !tags.includes(filter) && !FILTERS[filter.Key ?? '']);
  if (unknown) throw invalidFilterKey(unknown.Key);
  if (tags.length > 0 && tags.length < filters.length) {
    throw new AwsError('InvalidFilterKey', 'Cannot mix tag or inventory filter with any other filter.');
  }
}

function matches({ tags }: Instance, view: InstanceInformation, filter: InstanceInformationStringFilter): boolean {
  const { Key = '', Values = [] } = filter;
  const value = FILTERS[Key]?.(view) ?? tags[Key.replace('tag:', '')];
  return value !== undefined && Values.includes(value);
}

function instanceView({ registry }: Ssm, { id, agent, platform, privateIp }: Instance): InstanceInformation {
  const ping = registry.ping(id);
  const linux = platform === 'Linux';
  return {
    InstanceId: id,
    PingStatus: ping.status,
    LastPingDateTime: new Date(ping.lastPing),
    AgentVersion: agent.version,
    IsLatestVersion: true,
    PlatformType: platform,
    PlatformName: linux ? 'Amazon Linux' : 'Microsoft Windows Server 2022 Datacenter',
    PlatformVersion: linux ? '2023' : '10.0.20348',
    // aws-facts-2 17.4: not an instance profile's. Unconfirmed: in the setting's form.
    IamRole: registry.hostRole(id),
    ResourceType: 'EC2Instance',
    IPAddress: privateIp,
    ComputerName: `ip-${privateIp.replaceAll('.', '-')}.internal`,
    SourceId: id,
    SourceType: 'AWS::EC2::Instance',
  };
}
