import {
  DescribeInstanceInformation$,
  type DescribeInstanceInformationRequest,
  type DescribeInstanceInformationResult,
  type InstanceInformation,
} from '@aws-sdk/client-ssm';
import { AwsError, type Instance, operation } from '../../world';
import { refuse, type Ssm } from '../state';

const KEYS = ['InstanceIds', 'PingStatus'];

export const describeInstanceInformation = (ssm: Ssm) =>
  operation<DescribeInstanceInformationRequest, DescribeInstanceInformationResult>(
    'ssm',
    DescribeInstanceInformation$,
    `partial: Filters ${KEYS.join(', ')}; one page, MaxResults is ignored`,
    ({ input, authorize }) => {
      refuse(input, 'InstanceInformationFilterList', 'NextToken');
      const { Filters = [] } = input;
      const unknown = Filters.find(({ Key }) => !KEYS.includes(Key ?? ''));
      if (unknown) throw new AwsError('InvalidFilterKey', `${unknown.Key} filter Key is invalid.`);
      authorize('ssm:DescribeInstanceInformation');
      const wanted = (key: string, value = '') =>
        Filters.every(({ Key, Values }) => Key !== key || Values?.includes(value));
      return {
        InstanceInformationList: ssm.world.ec2
          .instances()
          .filter(({ id }) => wanted('InstanceIds', id) && ssm.registry.managed(id))
          .map((instance) => instanceView(ssm, instance))
          .filter(({ PingStatus }) => wanted('PingStatus', PingStatus)),
      };
    },
  );

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
    ResourceType: 'EC2Instance',
    IPAddress: privateIp,
    ComputerName: `ip-${privateIp.replaceAll('.', '-')}.internal`,
    SourceId: id,
    SourceType: 'AWS::EC2::Instance',
  };
}
