import { readFileSync } from 'node:fs';
import { LARGEST_REQUEST } from '../state-machine/document';
import { refused } from './failure';

/** What `stepup run` takes of a request, as commander hands it over. */
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
}

/**
 * The request behind the options: the input of an execution. What is in it is judged where it is released, by the
 * first state of the machine; here only what cannot be put into a request is refused.
 * @param region where `s3://` scripts are looked for
 * @throws CommandFailure (refused)
 */
export function requestFrom(options: RequestOptions, region: string): object {
  const { instance, grant, duration, baseline, wait, outputS3, outputLogGroup, reason } = options;
  if (outputS3 && outputLogGroup) throw refused('--output-s3 and --output-log-group are two places: give one.');
  const request = {
    instanceId: instance,
    grant,
    work: workFrom(options, region),
    ...(duration !== undefined && { durationMinutes: duration }),
    ...(baseline && { baseline }),
    ...(wait !== undefined && { waitForInstanceMinutes: wait }),
    ...(outputS3 && { output: { s3: outputS3 } }),
    ...(outputLogGroup && { output: { cloudWatchLogGroup: outputLogGroup } }),
    ...(reason && { reason }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes > LARGEST_REQUEST) {
    throw refused(
      `InputTooLarge: the request has ${bytes} bytes, at most ${LARGEST_REQUEST} are possible. Put the script into S3 and give --s3-script.`,
    );
  }
  return request;
}

function workFrom({ script, s3Script, commandLine, document, parameters }: RequestOptions, region: string): object {
  if ([script, s3Script, document].filter((way) => way !== undefined).length !== 1) {
    throw refused('Say what to run, in one way: --script FILE, --s3-script URL or --document NAME.');
  }
  if (commandLine !== undefined && s3Script === undefined) throw refused('--command-line belongs to --s3-script.');
  if (parameters !== undefined && document === undefined) throw refused('--parameters belongs to --document.');
  if (script !== undefined) return scriptWork(script);
  if (document !== undefined)
    return { script: { document, ...(parameters && { parameters: readParameters(parameters) }) } };
  if (!commandLine) throw refused('--s3-script downloads a file: say with --command-line how to run it.');
  return { s3Script: { url: httpsUrl(s3Script as string, region), commandLine } };
}

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
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, [value].flat() as string[]]));
}

/** s3://bucket/key in the form that AWS-RunRemoteScript understands; every https form is passed on as it is. */
function httpsUrl(url: string, region: string): string {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (!bucket || !key) return url;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://s3.${region}.${suffix}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
