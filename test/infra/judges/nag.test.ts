import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { plain } from '../synth';
import { type Judged, judged } from './configurations';
import { type Finding, findings } from './nag';
import { SUPPRESSIONS } from './suppressions';

const found = ({ stack }: Judged): Finding[] => findings(stack, plain(stack.resolve(stack.stepUp.deployment)));

const text = ({ rule, what, construct }: Finding): string => `${construct}: ${rule}${what && `[${what}]`}`;
const suppressed = SUPPRESSIONS.flatMap(({ rule, what, on }) => on.map((construct) => text({ rule, what, construct })));

describe('cdk-nag, AwsSolutions', () => {
  const all = judged().map(([name, template]): [string, string[]] => [name, found(template).map(text)]);

  test.each(all)('finds nothing that is not suppressed: %s', (_, texts) => {
    expect(texts.filter((it) => !suppressed.includes(it))).toEqual([]);
  });

  test('is suppressed only where it finds something, once, and with a reason', () => {
    const somewhere = new Set(all.flatMap(([, texts]) => texts));
    expect(suppressed.filter((it) => !somewhere.has(it))).toEqual([]);
    expect(new Set(suppressed).size).toBe(suppressed.length);
    for (const { because } of SUPPRESSIONS) expect(because).toMatch(/^[A-Z'].{20,}\.$/s);
  });

  test('finds what is wrong', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Wrong');
    new Bucket(new Stack(stack, 'Nested'), 'Open');
    expect(findings(stack, 'none').map(({ rule }) => rule)).toContain('AwsSolutions-S1');
  });
});
