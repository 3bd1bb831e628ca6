/**
 * What takes time on AWS, in milliseconds of the world's clock. Defaults are what was observed or reported
 * (aws-facts.md, the section beside each); every one can be set.
 */
export const DEFAULT_DELAYS = {
  /** An IAM write until authorization, EC2, STS and IMDS see it; IAM's own reads see it at once. 2.5, 18.1: 2-10 s typical. */
  iamPropagation: 6_000,
  /** Associate/Replace until the association is `associated`. 1.2: seen below 66 s and 90 s, 5-60 s typical. */
  associating: 15_000,
  /** Replace/Disassociate until the old association is gone. 1.2: at most 20 s. */
  disassociating: 10_000,
  /** An association change until IMDS serves it. 3.2: 2.4-4.8 s. */
  imdsRefresh: 4_000,
  /** SendCommand until the agent starts it. 4.3: InProgress at 0.1 s. */
  commandDelivery: 500,
  /** A started instance runs, until SSM knows of its agent. 4.3: 2-3 min after boot. */
  agentRegistration: 120_000,
  /** A switch of Default Host Management, or the loss of a profile's rights, until agents work by it. 3.4: up to 30 min. */
  defaultHostManagement: 30 * 60_000,
  /** A state change of an instance (stopping -> stopped, pending -> running). */
  instanceTransition: 20_000,
  /** A status change until the EventBridge rule's target is called. 16.1: no figure; seconds. */
  eventDelivery: 1_000,
  /** A time of a schedule until its target is called. aws-facts-2 16.3: within the minute. */
  scheduleInvocation: 10_000,
  /** Lifetime of the credentials that IMDS hands out. 3.1: 6 h 34 min. */
  instanceCredentials: 394 * 60_000,
};

export type Delays = typeof DEFAULT_DELAYS;
