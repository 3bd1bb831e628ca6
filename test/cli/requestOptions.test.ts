import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type RequestOptions, readRequest } from '../../cli/requestOptions';
import { requestSchema } from '../../state-machine/document';
import { scratchFolder } from '../support/scratch';

const folder = scratchFolder('options');
function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const ASKED = { instance: 'i-0123456789abcdef0', grant: 'run-remote-script' };
const workOf = (options: Partial<RequestOptions>, region = 'eu-west-1') => {
  const request = readRequest({ ...ASKED, ...options })(region) as { work: unknown };
  expect(requestSchema.safeParse(request).error).toBeUndefined();
  return request.work;
};
const refusing = (options: Partial<RequestOptions>) => expect(() => readRequest({ ...ASKED, ...options }));

describe('--script', () => {
  test('its lines, whatever ends them', () => {
    expect(workOf({ script: file('unix.sh', '#!/bin/sh\n\necho "a  b"\n') })).toEqual({
      shell: ['#!/bin/sh', '', 'echo "a  b"'],
    });
    expect(workOf({ script: file('dos.PS1', 'Get-Date\r\nGet-Host\r\n') })).toEqual({
      powershell: ['Get-Date', 'Get-Host'],
    });
  });

  test('what cannot be sent', () => {
    refusing({ script: join(folder, 'missing.sh') }).toThrow('missing.sh: there is no such file.');
    refusing({ script: folder }).toThrow(/EISDIR/);
    refusing({ script: file('empty.sh', '\n \n') }).toThrow('is empty');
    refusing({ script: file('binary', Buffer.from([0x7f, 0xff, 0xfe])) }).toThrow('it is not UTF-8 text');
    refusing({ script: file('large.sh', `# ${'x'.repeat(40_000)}\n`) }).toThrow(/^InputTooLarge: .* --s3-script/);
  });
});

describe('--s3-script', () => {
  const commandLine = 'python3 a.py';
  test.each([
    'https://my-bucket.s3.eu-west-1.amazonaws.com/a/b.py',
    'https://my-bucket.s3-us-west-2.amazonaws.com/a/b.py',
    'https://s3-us-west-2.amazonaws.com/my-bucket/a/b.py',
    'https://s3.us-west-2.amazonaws.com/my-bucket/a/b.py',
    'https://my-bucket.s3.amazonaws.com/a/b.py',
    'https://my.dotted.bucket.s3.dualstack.eu-west-1.amazonaws.com/a/b.py',
    'https://my-bucket.s3.cn-north-1.amazonaws.com.cn/a/b.py',
  ])('%s is taken as it is', (s3Script) => {
    expect(workOf({ s3Script, commandLine })).toEqual({ s3Script: { url: s3Script, commandLine } });
  });

  test('s3:// becomes the form that SSM knows, in the region that is asked', () => {
    const url = (s3Script: string, region?: string) =>
      (workOf({ s3Script, commandLine }, region) as { s3Script: { url: string } }).s3Script.url;
    expect(url('s3://b-1/a b/c+d.py')).toBe('https://s3.eu-west-1.amazonaws.com/b-1/a%20b/c%2Bd.py');
    expect(url('s3://b-1/x', 'cn-north-1')).toBe('https://s3.cn-north-1.amazonaws.com.cn/b-1/x');
  });

  test('it names an object', () => refusing({ s3Script: 's3://bucket', commandLine }).toThrow('write s3://bucket/key'));

  test('it needs a command line', () => refusing({ s3Script: 's3://b/k' }).toThrow('say with --command-line'));
});

describe('--document', () => {
  const document = 'AWS-RunPatchBaseline';
  test('with parameters in place or from a file; a single value need not be in a list', () => {
    const parameters = '{"Operation": "Scan", "SnapshotId": ["a"]}';
    const work = { script: { document, parameters: { Operation: ['Scan'], SnapshotId: ['a'] } } };
    expect(workOf({ document, parameters })).toEqual(work);
    expect(workOf({ document, parameters: `file://${file('p.json', parameters)}` })).toEqual(work);
    expect(workOf({ document })).toEqual({ script: { document } });
  });

  test('a value that is no string is refused by name', () => {
    refusing({ document, parameters: '{"Count": 5}' }).toThrow(`'Count' holds 5. SSM takes strings only: write "5".`);
    refusing({ document, parameters: '{"a": ["b", null]}' }).toThrow(/'a' holds null/);
  });

  test.each(['Operation=Scan', '["a"]', 'null', 'file:///no/such'])('%s is refused', (parameters) => {
    refusing({ document, parameters }).toThrow(/--parameters/);
  });
});

test('what is no request is refused before anything is started, by the option that it comes from', () => {
  const work = { document: 'AWS-RunShellScript' };
  refusing({ ...work, duration: 0 }).toThrow(/^RequestInvalid: .*→ --duration/s);
  refusing({ ...work, baseline: 'cor' }).toThrow(/"inherit"\|"core"\n +→ --baseline/);
  refusing({ s3Script: 'foo', commandLine: 'x' }).toThrow(/must be the https URL of an object in S3\n +→ --s3-script/);
  refusing({ ...work, outputS3: 's3://b/../c' }).toThrow(/→ --output-s3$/);
  refusing({ ...work, instance: 'mi-0123456789abcdef0' }).toThrow(/^NotAnEc2Instance: /);
});

test('one way to say what to run, one place for the output', () => {
  refusing({}).toThrow('--script FILE, --s3-script URL or --document NAME');
  refusing({ document: 'a', s3Script: 'b' }).toThrow('in one way');
  refusing({ document: 'abc', commandLine: 'x' }).toThrow('--command-line belongs to --s3-script');
  refusing({ script: 'x', parameters: '{}' }).toThrow('--parameters belongs to --document');
  refusing({ document: 'abc', outputS3: 's3://b', outputLogGroup: 'g' }).toThrow('two places');
});
