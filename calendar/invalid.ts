/** An expression that EventBridge Scheduler would refuse, or of which its documentation does not say what it means. */
export class InvalidExpression extends Error {
  override readonly name = 'InvalidExpression';
}
