import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';
import { account } from './account';

describe('at its socket', () => {
  test('API Gateway itself refuses more headers than Node takes', async () => {
    const { aws } = await account();
    const url = await aws.listenForApis();
    const answer = await fetch(`${url}/v1/pets`, { headers: { 'x-long': 'x'.repeat(40_000) } });
    expect([answer.status, await answer.json()]).toEqual([413, { message: 'Request Too Long' }]);
  });

  test('a fault of the embedded AWS ends a request, and not the account', async () => {
    const faults: unknown[] = [];
    const aws = createLocalAws({ onFault: (error) => faults.push(error) });
    const url = await aws.listenForApis();
    const { answer } = aws.world.apiGateway;
    aws.world.apiGateway.answer = async () => Promise.reject(new Error('broken'));
    expect((await fetch(`${url}/v1/pets`)).status).toBe(500);
    aws.world.apiGateway.answer = answer;
    expect((await fetch(`${url}/v1/pets`)).status).toBe(403);
    await aws.close();
    expect(faults).toEqual([new Error('broken')]);
  });
});
