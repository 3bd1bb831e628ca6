import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { ask, type Cell, type Deed, denied } from '../cell';
import { execution, here, PROD, PROD2, TEMPS } from '../places';

const reads =
  (RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new GetRoleCommand({ RoleName }));
export const readsRecord = reads(TEMPS.open);

/** Whoever reads records, reads no other roles. */
export const OUR_ROLES_ONLY: Cell = denied({
  against: 'data',
  attempt: 'read a role that is none of ours',
  stoppedBy: 'the path',
  deed: reads('theirs'),
  right: readsRecord,
});

export const ALL_ROLES: Cell = denied({
  against: 'data',
  attempt: 'list all roles of the account',
  stoppedBy: 'the path',
  deed: ({ iam }) => iam.send(new ListRolesCommand({})),
  right: ({ iam }) => iam.send(new ListRolesCommand({ PathPrefix: '/stepup/elevations/' })),
});

/** Events that failed at every attempt are kept in one queue. */
export const OTHER_QUEUES: Cell = denied({
  against: 'data',
  attempt: 'send something to any queue',
  stoppedBy: 'no permission',
  deed: ask('sqs:SendMessage', here('sqs', 'orders')),
  right: ask('sqs:SendMessage', here('sqs', `${PROD}-dead-letters`)),
});

const history =
  (executionArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new GetExecutionHistoryCommand({ executionArn }));

export const readsHistory = history(execution(`${PROD}-elevation:run`));

/** Executions that do not exist: whether they do is told only to whom may ask. */
export const HISTORIES: Cell[] = [
  ['read the history of another machine', execution(`${PROD2}-elevation:run`)],
  [
    "read the history of a run in another account, by the machine's name",
    execution(`${PROD}-elevation:run`, '999999999999'),
  ],
  ['read the history of a machine whose name only begins like ours', execution(`${PROD}-elevation-2:run`)],
].map(([attempt = '', arn = '']) =>
  denied({
    against: 'data',
    attempt,
    stoppedBy: 'no permission',
    deed: history(arn),
    right: readsHistory,
  }),
);
