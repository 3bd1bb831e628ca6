import { bind, type PolicyDocument, type Statement } from '../state-machine/catalogue';

/** Statements by where they come from, so that an error can say which are too many. */
export type Parts = Record<string, Statement[]>;

/** The longest that the placeholders can become. */
export const LONGEST = {
  partition: 'aws-us-gov',
  region: 'ap-northeast-1',
  account: '0'.repeat(12),
  deployment: 'x'.repeat(40),
  stack: 'x'.repeat(128),
  construct: 'x'.repeat(40),
};

export const policyOf = (parts: Parts): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: Object.values(parts).flat(),
});

/** @throws Error that names the parts, the largest first, if together they are larger than IAM allows */
export function requireFit(what: string, parts: Parts, limit: number): void {
  const size = sizeOf(parts);
  if (size <= limit) return;
  const sizes = Object.entries(parts)
    .filter(([, statements]) => statements.length > 0)
    .map(([part, statements]) => ({ part, size: sizeOf({ part: statements }) }))
    .sort((a, b) => b.size - a.size);
  throw new Error(
    `${what} would have up to ${size} characters, IAM allows ${limit}. ` +
      `The largest part is ${sizes.map((it) => `${it.part} (${it.size})`).join(', then ')}. Shorten it.`,
  );
}

/** aws-facts-2 15.5: white space does not count. */
const sizeOf = (parts: Parts): number => JSON.stringify(bind(policyOf(parts), LONGEST)).replace(/\s/g, '').length;
