import { createHash } from 'node:crypto';
import { z } from '../../state-machine/schema';

/** What a list was asked for; a cursor goes on with that list only. */
export interface Listed {
  instanceId: string | undefined;
  status: string | undefined;
}

const seal = (token: string, { instanceId, status }: Listed): string =>
  createHash('sha256')
    .update(JSON.stringify(['cursor', token, instanceId ?? '', status ?? '']))
    .digest('base64url')
    .slice(0, 16);

/** The place in a list where Step Functions goes on, as one word. It opens nothing: whoever sends it is asked for the same right. */
export const cursorOf = (token: string, listed: Listed): string =>
  Buffer.from(JSON.stringify([seal(token, listed), token])).toString('base64url');

const cursorSchema = z.tuple([z.string(), z.string().check(z.minLength(1), z.maxLength(3_096))]);

/** @returns Step Functions' token; undefined when it is no cursor of this list */
export function tokenIn(cursor: string, listed: Listed): string | undefined {
  try {
    const [sealed, token] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return sealed === seal(token, listed) && cursor === cursorOf(token, listed) ? token : undefined;
  } catch {
    return undefined;
  }
}
