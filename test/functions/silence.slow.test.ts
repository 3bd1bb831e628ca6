import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { create } from '../../functions/recover/handler';

/** An endpoint that takes every request and never answers. */
let server: Server;
const before = { ...process.env };

beforeAll(async () => {
  server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});

afterAll(() => {
  process.env = before;
  server.close();
});

test("an AWS that never answers is AwsUnavailable, before Lambda's own 60 s are over", async () => {
  const env = {
    STEPUP_DEPLOYMENT: 'StepUp-us-east-1',
    STEPUP_DRAIN_MINUTES: '420',
    STEPUP_OUTPUT_LOCATIONS: '[]',
    STEPUP_DEFAULT_OUTPUT: 'null',
    STEPUP_RESTORABLE_ROLES: '["*"]',
    STEPUP_INHERITABLE_POLICIES: '["*"]',
  };
  const catalogue = () => ({ grants: {}, core: { Version: '2012-10-17' as const, Statement: [] }, inherit: null });
  const handler = create({ env, catalogue, log: () => undefined });
  const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:silent';
  const start = Date.now();
  await expect(handler({ detail: { executionArn } }, { awsRequestId: 'silent' })).rejects.toMatchObject({
    name: 'AwsUnavailable',
  });
  expect(Date.now() - start).toBeLessThan(60_000);
}, 70_000);
