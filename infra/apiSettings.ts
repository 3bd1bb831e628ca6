import { z } from '../state-machine/schema';

const positive = (most: number) => z.int().check(z.minimum(1), z.maximum(most));

/** What a deployer decides about the API. */
export const apiSettingsSchema = z.strictObject({
  /** VPC endpoints (of execute-api) through which alone the API is reached. Default: it is public, and IAM its gatekeeper. */
  vpcEndpointIds: z._default(
    z.array(z.string().check(z.regex(/^vpce-[0-9a-f]+$/, 'looks like vpce-0123456789abcdef0'))),
    [],
  ),
  /** All requesters together; more get 429. An account has 10,000, and bursts of 5,000 (aws-facts-2 13.4). */
  requestsPerSecond: z._default(positive(10_000), 50),
  burst: z._default(positive(5_000), 100),
  /** Whether API Gateway logs each request: it needs a role in the account's settings, see docs/security.md. */
  accessLogs: z._default(z.boolean(), true),
});
export type ApiSettings = z.infer<typeof apiSettingsSchema>;
