import { EndpointType } from 'aws-cdk-lib/aws-apigateway';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * With VPC endpoints nobody gets in otherwise. The account is named, and nobody in it: the policy alone lets no one in, an
 * identity policy has to as well (Developer Guide, 'How API Gateway resource policies affect authorization workflow').
 */
export function reachableBy(parent: Construct, vpcEndpointIds: string[]) {
  if (vpcEndpointIds.length === 0) return { endpointTypes: [EndpointType.REGIONAL] };
  const common = { actions: ['execute-api:Invoke'], resources: ['execute-api:/*'] };
  const vpcEndpoints = vpcEndpointIds.map((vpcEndpointId) =>
    InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(parent, `Endpoint-${vpcEndpointId}`, {
      vpcEndpointId,
      port: 443,
    }),
  );
  const policy = new PolicyDocument({
    statements: [
      new PolicyStatement({ sid: 'WhomIamLets', principals: [new AccountRootPrincipal()], ...common }),
      new PolicyStatement({
        sid: 'ThroughTheseEndpointsOnly',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        conditions: { StringNotEquals: { 'aws:SourceVpce': vpcEndpointIds } },
        ...common,
      }),
    ],
  });
  return { endpointConfiguration: { types: [EndpointType.PRIVATE], vpcEndpoints }, policy };
}
