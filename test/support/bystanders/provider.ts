import type { Credentials } from '../../../local/world';

/** What an SDK does before it signs: hands out what it holds, or fetches anew. Fails under the SDK's own error name. */
export type Provider = () => Promise<Credentials>;

export const failure = (name: string, cause?: unknown): Error =>
  Object.assign(new Error(`${name}${cause instanceof Error ? `: ${cause.message}` : ''}`, { cause }), { name });
