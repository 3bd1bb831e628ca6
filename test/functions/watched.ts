import { FAILURES, METRICS, type MetricName } from '../../state-machine/metrics';
import { createStage, DEPLOYMENT, type Stage, type StageOptions } from '../support/stage';

// biome-ignore lint/suspicious/noExplicitAny: a line has whatever keys its message needs
export type Line = Record<string, any>;

/** Every line that was ever read here, in all tests of a file. */
export const everyLine: Line[] = [];

/** Takes the functions' lines. */
export function lines() {
  const all: Line[] = [];
  const log = (text: string) => {
    const line = JSON.parse(text);
    all.push(line);
    everyLine.push(line);
  };
  return { all, log };
}

/** A stage whose functions' lines are read. */
export async function watched(options: StageOptions = {}): Promise<{ stage: Stage; all: Line[] }> {
  const { all, log } = lines();
  return { stage: await createStage({ ...options, log }), all };
}

/** Names of the metrics in these lines, each as often as it was written; those of failures with the error's name. */
export const countedIn = (all: Line[]): string[] => all.flatMap(namesOf).toSorted();

const namesOf = (line: Line): string[] =>
  directivesOf(line).flatMap(({ Metrics }) =>
    Metrics.map(({ Name }) => (Name in line && isFailure(Name) ? `${Name} ${line.ErrorName}` : Name)),
  );

/** The same, of what Restore and sweep count at every look. */
const AT_EVERY_LOOK = ['RestoreAttempts', 'RestoringSeconds'];

/** What is counted of runs: neither looks nor turns of sweep. */
export const endsIn = (all: Line[]): string[] =>
  countedIn(all.filter(({ SweepFinished }) => SweepFinished === undefined)).filter(
    (name) => !AT_EVERY_LOOK.includes(name),
  );

/** All values of one metric, in their order. */
export const valuesOf = (all: Line[], name: MetricName): number[] =>
  all.filter((line) => line._aws && name in line).map((line) => line[name]);

const isFailure = (name: string) => (FAILURES as readonly string[]).includes(name);

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

export const directivesOf = (line: Line): Directive[] => line._aws?.CloudWatchMetrics ?? [];

/** How a line of metrics breaks the format, or the list of metrics. */
export function wrongIn(line: Line): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string) => holds || wrong.push(`${what}: ${JSON.stringify(line)}`);
  expect(directivesOf(line).length > 0, 'no directive');
  expect(Number.isInteger(line._aws?.Timestamp), 'no timestamp');
  expect(JSON.stringify(line).length < 256 * 1024, 'too long');
  for (const { Namespace, Dimensions, Metrics } of directivesOf(line)) {
    expect(Namespace === 'StepUp', 'namespace');
    expect(Metrics.length > 0 && Metrics.length <= 100, 'number of metrics');
    const failing = Metrics.every(({ Name }) => isFailure(Name));
    const sets = failing ? [['Deployment'], ['Deployment', 'ErrorName']] : [['Deployment']];
    expect(JSON.stringify(Dimensions) === JSON.stringify(sets), 'dimensions');
    for (const name of Dimensions.flat()) expect(/^[!-~]{1,1024}$/.test(line[name]), `dimension ${name}`);
    expect(line.Deployment === DEPLOYMENT, 'deployment');
    for (const { Name, Unit } of Metrics) {
      expect(METRICS[Name as MetricName] === Unit, `${Name} is not in the list, or has another unit`);
      expect(typeof line[Name] === 'number' && line[Name] >= 0, `value of ${Name}`);
      expect(failing || !isFailure(Name), `${Name} without the name of the error`);
    }
  }
  return wrong;
}
