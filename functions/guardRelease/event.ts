import { z } from '../../state-machine/schema';

/** What CloudFormation sends: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  /** Read only when it has to be: whatever stands there, an answer is sent. */
  ResourceProperties: z.unknown(),
  OldResourceProperties: z.optional(z.unknown()),
});
export type Request = z.infer<typeof requestSchema>;

/** What one release needs to give back what an elevation took; the properties of all guards. */
export const releaseSchema = z.object({
  /**
   * `upgrade` is asked before anything of the stack is changed; `removal` when all is changed, and before anything is
   * deleted; `closing` when the elevation machine is deleted, and before anything that recovers is.
   */
  Guards: z.enum(['upgrade', 'closing', 'removal']),
  Deployment: z.string(),
  /** Of temp roles, of ceilings, and the elevation machine's name: other ones lose sight of what is there. */
  ElevationsPath: z.string(),
  CeilingsPath: z.string(),
  Machine: z.string(),
  /** Patterns of role ARNs; '*' is any */
  RestorableRoles: z.array(z.string()),
});
export type Release = z.infer<typeof releaseSchema>;

/** The answer: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export interface Answer {
  Status: 'SUCCESS' | 'FAILED';
  /** Shown among the stack's events. */
  Reason: string;
  /** Always the same: another one would be another resource, and the former one deleted. */
  PhysicalResourceId: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
}

/** Puts the answer to the URL that came with the request. */
export type Put = (url: string, answer: Answer) => Promise<void>;
