import { ListSchedules$, type ListSchedulesInput, type ListSchedulesOutput } from '@aws-sdk/client-scheduler';
import { AwsError, type Operation, operation, validationMessage } from '../../world';
import { scheduleArn } from '../deliver';
import { notFound, type Store } from '../store';

const LARGEST_PAGE = 100;

function sizeOf({ MaxResults: size = LARGEST_PAGE }: ListSchedulesInput): number {
  if (size >= 1 && size <= LARGEST_PAGE) return size;
  const constraint = size < 1 ? 'greater than or equal to 1' : `less than or equal to ${LARGEST_PAGE}`;
  throw new AwsError('ValidationException', validationMessage([['maxResults', size, `have value ${constraint}`]]));
}

const tokenOf = (key: string): string => Buffer.from(`after:${key}`).toString('base64url');

/** Unconfirmed: the text for a token that is none. */
function keyIn(token: string): string {
  const [, key] = /^after:(.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (key === undefined) throw new AwsError('ValidationException', 'Invalid NextToken.');
  return key;
}

export const listSchedules = (store: Store): Operation =>
  operation<ListSchedulesInput, ListSchedulesOutput>(
    'scheduler',
    ListSchedules$,
    'full',
    ({ world, input, authorize }) => {
      authorize('scheduler:ListSchedules');
      const { GroupName: group, NamePrefix: prefix = '', State: state, NextToken } = input;
      if (group !== undefined && !store.groups.has(group)) throw notFound(`Schedule group ${group}`);
      const size = sizeOf(input);
      const last = NextToken === undefined ? '' : keyIn(NextToken);
      const items = store
        .all()
        .map(({ definition, created, modified }) => ({
          Arn: scheduleArn(world, definition),
          Name: definition.name,
          GroupName: definition.group,
          State: definition.enabled ? ('ENABLED' as const) : ('DISABLED' as const),
          CreationDate: new Date(created),
          LastModificationDate: new Date(modified),
          Target: { Arn: definition.target.arn },
        }))
        .filter((it) => group === undefined || it.GroupName === group)
        .filter((it) => it.Name.startsWith(prefix) && (state === undefined || it.State === state) && it.Arn > last);
      const page = items.slice(0, size);
      return { Schedules: page, ...(items.length > size && { NextToken: tokenOf(page.at(-1)!.Arn) }) };
    },
  );
