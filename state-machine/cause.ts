/** The sentence in the cause of an error: that of a function which failed is Lambda's JSON (aws-facts-2 12.2). */
export function readCause(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
