/** Shorter texts are words of any sentence: 'shell', '900'. */
const SHORTEST = 8;

/**
 * A message without what the requester wrote: script, parameters, reason. AWS repeats a value that it refuses, and Lambda's
 * own runtime logs whatever a function throws. The run's history has the request anyway.
 * @param event of the function, as it came
 */
export function withoutWork(message: string, event: unknown): string {
  const { work, reason } = ((event as Event | undefined)?.document?.request ?? {}) as Request;
  const { document, ...script } = (work?.script ?? {}) as Record<string, unknown>;
  const texts = textsOf([{ ...work, script }, reason]).flatMap((text) => [text, ...text.split('\n')]);
  return [...new Set(texts)]
    .filter((text) => text.length >= SHORTEST)
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, text) => left.replaceAll(text, '…'), message);
}

interface Event {
  document?: { request?: unknown };
}
interface Request {
  work?: { script?: unknown };
  reason?: unknown;
}

/** However deep a requester nested it: no recursion. */
function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  const queue = [value];
  for (let next = queue.pop(); next !== undefined || queue.length > 0; next = queue.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'object' && next !== null) queue.push(...Object.values(next));
  }
  return texts;
}
