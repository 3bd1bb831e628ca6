import { readFileSync } from 'node:fs';
import { StepUpError } from '../state-machine/errors';
import { parseRequest } from '../state-machine/request';
import { refused } from './failure';

/** What `stepup run` and `stepup hold` take of a request, as commander hands it over. */
export interface RequestOptions {
  instance: string;
  grant: string;
  script?: string;
  s3Script?: string;
  commandLine?: string;
  document?: string;
  parameters?: string;
  duration?: number;
  baseline?: string;
  wait?: number;
  outputS3?: string;
  outputLogGroup?: string;
  reason?: string;
  /** Nothing is run: a person works on the instance. */
  hold?: boolean;
}

/** The request, once it is known in which region `s3://` scripts are looked for. */
export type RequestIn = (region: string) => object;

/**
 * Reads the request behind the options: the input of an execution. Grant and instance are judged where it is released,
 * by the first state of the machine; what is no request at all is refused here.
 * @throws CommandFailure (refused)
 */
export function readRequest(options: RequestOptions): RequestIn {
  const { instance, grant, duration, baseline, wait, outputS3, outputLogGroup, reason } = options;
  if (outputS3 && outputLogGroup) throw refused('--output-s3 and --output-log-group are two places: give one.');
  const workIn = readWork(options);
  const requestIn: RequestIn = (region) => ({
    instanceId: instance,
    grant,
    work: workIn(region),
    ...(duration !== undefined && { durationMinutes: duration }),
    ...(baseline && { baseline }),
    ...(wait !== undefined && { waitForInstanceMinutes: wait }),
    ...(outputS3 && { output: { s3: outputS3 } }),
    ...(outputLogGroup && { output: { cloudWatchLogGroup: outputLogGroup } }),
    ...(reason && { reason }),
  });
  check(requestIn(LONGEST_REGION));
  return requestIn;
}

/** Which option a field of the request comes from. */
const OPTIONS: Record<string, string> = {
  instanceId: '--instance',
  grant: '--grant',
  durationMinutes: '--duration, or --for',
  baseline: '--baseline',
  waitForInstanceMinutes: '--wait',
  'output.s3': '--output-s3',
  'output.cloudWatchLogGroup': '--output-log-group',
  output: '--output-s3 or --output-log-group',
  reason: '--reason',
  'work.s3Script.url': '--s3-script',
  'work.s3Script': '--s3-script',
  'work.script': '--document',
  'work.script.document': '--document',
  work: '--script, --s3-script or --document',
};

export const optionOf = (field: string): string | undefined => OPTIONS[field];

/** What the first state of the machine would refuse need not be started. */
function check(request: object): void {
  try {
    parseRequest(request);
  } catch (error) {
    if (!(error instanceof StepUpError)) throw error;
    const message = error.message
      .replace(/→ at (\S+)/g, (whole, field) => (OPTIONS[field] ? `→ ${OPTIONS[field]}` : whole))
      .replace('use s3Script', 'give --s3-script');
    throw refused(`${error.name}: ${message}`);
  }
}

const LONGEST_REGION = 'ap-northeast-1';

function readWork({ script, s3Script, commandLine, document, parameters, hold }: RequestOptions): RequestIn {
  if (hold) return always({ hold: {} });
  if ([script, s3Script, document].filter((way) => way !== undefined).length !== 1) {
    throw refused('Say what to run, in one way: --script FILE, --s3-script URL or --document NAME.');
  }
  if (commandLine !== undefined && s3Script === undefined) throw refused('--command-line belongs to --s3-script.');
  if (parameters !== undefined && document === undefined) throw refused('--parameters belongs to --document.');
  if (script !== undefined) return always(scriptWork(script));
  if (document !== undefined) {
    return always({ script: { document, ...(parameters && { parameters: readParameters(parameters) }) } });
  }
  if (!commandLine) throw refused('--s3-script downloads a file: say with --command-line how to run it.');
  const urlIn = readUrl(s3Script as string);
  return (region) => ({ s3Script: { url: urlIn(region), commandLine } });
}

const always =
  (work: object): RequestIn =>
  () =>
    work;

/** The lines of a local file, which travel in the request; `-` is the standard input. */
function scriptWork(file: string): object {
  const lines = readText(file, '--script')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  if (lines.every((line) => line.trim() === '')) throw refused(`--script ${file} is empty.`);
  return /\.ps1$/i.test(file) ? { powershell: lines } : { shell: lines };
}

function readText(file: string, option: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'it is not UTF-8 text'
          : message;
    throw refused(`${option} ${file}: ${why}.`);
  }
}

/** JSON as SendCommand takes it, in place or as file://PATH; a single value need not be in a list. */
function readParameters(text: string): Record<string, string[]> {
  const json = text.startsWith('file://') ? readText(text.slice('file://'.length), '--parameters') : text;
  const example = `Write it as '{"commands": ["ls"]}', or as file://FILE.`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw refused(`--parameters is not JSON: ${(error as Error).message}. ${example}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw refused(`--parameters is not a JSON object. ${example}`);
  }
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, strings(name, [value].flat())]));
}

function strings(name: string, values: unknown[]): string[] {
  const other = values.find((value) => typeof value !== 'string');
  if (other === undefined) return values as string[];
  throw refused(`--parameters: '${name}' holds ${JSON.stringify(other)}. SSM takes strings only: write "${other}".`);
}

/** s3://bucket/key in the form that AWS-RunRemoteScript understands; every https form is passed on as it is. */
function readUrl(url: string): (region: string) => string {
  if (!url.startsWith('s3://')) return () => url;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (!bucket || !key) throw refused(`--s3-script ${url} names no object: write s3://bucket/key.`);
  const path = key.split('/').map(encodeURIComponent).join('/');
  return (region) =>
    `https://s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}/${bucket}/${path}`;
}
