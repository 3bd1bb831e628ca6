import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clientEnvironment } from '../../support/awsCli';
import type { Client, Outcome } from './play';

/** boto3 in one process of Python, for one call after the other. */
export function botoClient(folder: string): Client {
  const env = { ...clientEnvironment('', folder), PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn('python3', [join(__dirname, 'boto3Client.py')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    close: () => void child.stdin.end(),
    ask: async (request, endpoint) => {
      child.stdin.write(`${JSON.stringify({ ...request, endpoint })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The process of boto3 has ended.');
      const outcome: Outcome | { fault: string } = JSON.parse(value);
      if ('fault' in outcome) throw new Error(`boto3 ${request.service} ${request.operation}: ${outcome.fault}`);
      return outcome;
    },
  };
}
