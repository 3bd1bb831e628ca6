import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../../support/awsCli';
import { scratchFolder } from '../../support/scratch';
import { botoClient } from './botoClient';
import { cliClient } from './cliClient';
import type { Chain, Example } from './example';
import { CHAINS } from './examples';
import { type Client, type Played, play } from './play';
import { sdkClient } from './sdkClient';

const isAnswered = ({ expected }: Example) => 'answer' in expected;
const firstRefusals = CHAINS.map(({ examples }) => examples.find((example) => !isAnswered(example)));
/** A call of the CLI takes half a second, and it reads refusals with botocore, as boto3 does. */
const isForCli = (example: Example) => isAnswered(example) || firstRefusals.includes(example);

async function playAll(chains: Chain[], client: Client, isPlayed?: (example: Example) => boolean): Promise<Played> {
  const played: Played = new Map();
  for (let chain = chains.shift(); chain; chain = chains.shift()) {
    for (const [example, outcome] of await play(chain, client, isPlayed)) played.set(example, outcome);
  }
  return played;
}

/** The same list through clients that share no code with the server: the SDK shares its schemas. */
describeWithAwsCli('the AWS CLI and boto3', () => {
  const folder = scratchFolder('clients');
  const boto = botoClient(folder);
  let sdk: Played;
  let boto3: Played;
  let cli: Played;

  beforeAll(async () => {
    sdk = await playAll([...CHAINS], sdkClient());
    boto3 = await playAll([...CHAINS], boto);
    const chains = [...CHAINS];
    const lanes = await Promise.all([1, 2].map(() => playAll(chains, cliClient(folder), isForCli)));
    cli = new Map(lanes.flatMap((lane) => [...lane]));
  }, 600_000);
  afterAll(() => boto.close());

  describe.each(CHAINS)('$service', ({ examples }) => {
    test.each(examples)('$# $operation as $as', (example) => {
      expect(boto3.get(example)).toEqual(example.expected);
      expect(boto3.get(example)).toEqual(sdk.get(example));
    });

    test.each(examples.filter(isForCli))('$# $operation as $as, by the CLI', (example) => {
      expect(cli.get(example)).toEqual(example.expected);
      expect(cli.get(example)).toEqual(sdk.get(example));
    });
  });
});
