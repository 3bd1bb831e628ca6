import { refused } from '../failure';

/** @throws CommandFailure (refused) when Step Functions does not know the run */
export async function found<T>(name: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const { name: code } = error as Error;
    if (code !== 'ExecutionDoesNotExist' && code !== 'InvalidArn') throw error;
    throw refused(
      `There is no run '${name}': see \`stepup list\`. (Step Functions forgets a run 90 days after its end.)`,
    );
  }
}
