/**
 * What is assumed of AWS where nobody has confirmed it, or one recording only. True is what is likelier; each can be
 * negated, so that a test sees what hangs on it. docs/local-aws.md has the sources.
 */
export const DEFAULT_ASSUMPTIONS = {
  /** Of two Replaces with the same association id the second is refused; else both succeed, within `disassociating`. */
  oneReplaceWins: true,
  /** A Replace with the profile that is there changes nothing; else it makes an association as any Replace. */
  sameProfileReplaceIsNoOp: true,
  /** IAM's lists, and tags where they are read, are up to date; else they are 60 s old. */
  listsAreCurrent: true,
  /** ListCommands shows commands; else it never shows one. */
  commandsAreListed: true,
  /** `ec2:InstanceProfile` changes with the association; else it is 60 s old. */
  instanceProfileKeyIsCurrent: true,
  /** An association can be taken away while it is `associating`; else that is refused. */
  disassociateWhileAssociating: true,
  /** `$$.Execution` has RedriveCount and RedriveTime; else neither. */
  redriveCountInContext: true,
};

export type Assumptions = typeof DEFAULT_ASSUMPTIONS;

/** How old is what lags, in milliseconds, once an assumption is negated. */
export const LAG = 60_000;
