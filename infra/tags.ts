import { z } from '../state-machine/schema';

/** What every service of the stack takes, IAM and Systems Manager included. */
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const characters = 'letters, digits, blanks and _ . : / = + - @ only';
/** AWS allows 50: this leaves some to CloudFormation, and to who looks after the account. */
const MOST = 40;

const key = z
  .string()
  .check(
    z.minLength(1, 'a key has at least one character'),
    z.maxLength(128, 'a key has at most 128 characters'),
    z.regex(TEXT, `a key has ${characters}`),
    z.regex(/^(?!aws:)/i, "keys that begin with 'aws:' are AWS's own: choose another"),
    z.regex(/^(?!stepup:)/i, "keys that begin with 'stepup:' decide what StepUp does: choose another"),
  );

const value = z
  .string('the value of a tag is text: put it into quotes')
  .check(z.maxLength(256, 'a value has at most 256 characters'), z.regex(TEXT, `a value has ${characters}`));

const sizeOf = (tags: object): number => Object.keys(tags).length;

/** Tags of everything that StepUp is made of, such as for the allocation of costs. */
export const tagsSchema = z.record(key, value).check(
  z.refine((tags) => sizeOf(tags) <= MOST, `at most ${MOST} tags: AWS allows 50, with those that others add`),
  // IAM takes them for one.
  z.refine(
    (tags) => new Set(Object.keys(tags).map((name) => name.toLowerCase())).size === sizeOf(tags),
    'two keys differ only in capital letters, and IAM takes them for one',
  ),
);
