import { AwsError, type World } from '../../local';
import { refused } from '../failure';
import { seedBuckets } from './seedBuckets';
import { type AccessKey, seedIam } from './seedIam';
import type { WorldFile } from './worldFile';
import type { Path } from './yaml';

/** Makes one thing as the account's root. @throws CommandFailure (refused) with the entry of the file, in AWS's words */
export type Make = <Answer = unknown>(
  entry: Path,
  service: 'iam' | 's3',
  operation: string,
  input: object,
) => Promise<Answer>;

/** What seeding works with. */
export interface Seeding {
  world: World;
  file: WorldFile;
  make: Make;
}

/** Fills IAM, S3 and State Manager as the file says. @returns the users' access keys, in the order of the file */
export async function seed(world: World, file: WorldFile): Promise<AccessKey[]> {
  const seeding: Seeding = {
    world,
    file,
    make: (entry, service, operation, input) =>
      world.asRoot(service, operation, input).catch((error: unknown) => {
        if (!(error instanceof AwsError)) throw error;
        throw refused(`${file.where(entry)}: ${error.code}: ${error.message}`);
      }),
  };
  const keys = await seedIam(seeding);
  await seedBuckets(seeding);
  seedAssociations(seeding);
  return keys;
}

function seedAssociations({ world, file }: Seeding): void {
  for (const { targets, targetParameter, ...association } of file.world.associations) {
    world.ssm.putAssociation({
      ...association,
      ...(targets && { targets: Object.entries(targets).map(([key, values]) => ({ key, values })) }),
      ...(targetParameter && { automationTargetParameterName: targetParameter }),
    });
  }
}

/** Starts the instances, once EC2 sees their profiles. */
export async function seedInstances({ clock, delays, ec2 }: World, { world }: WorldFile): Promise<void> {
  await clock.sleep(delays.iamPropagation);
  for (const [id, { imds, ...instance }] of Object.entries(world.instances)) {
    ec2.addInstance({ id, httpTokens: imds, ...instance });
  }
}
