import { globOf } from '../state-machine/patterns';
import { actionsMatching, type IamAction } from './iamActions';

/*
 * What goes on when a grant has ended, for its expiry ends only what is asked for later, with the temp role's own credentials:
 * credentials of others; access given to others, which AWS lists as permissions management; and what is made or started, and
 * works on without the instance, under rights of its own. Data is not meant. What a grant deletes or changes stays so, too:
 * that is what it is for.
 */

/** Whatever their access level: some only read, in AWS's list. */
const CREDENTIALS = [
  'sts:AssumeRo*',
  'sts:Get*Token',
  '*:*AuthorizationToken',
  '*:*BearerToken',
  '*:Get*Credentials*',
  '*:GetSessionToken*',
  '*:Create*Token*',
  '*:*AuthToken',
  '*:CreatePresigned*',
  'lakeformation:GetDataAccess',
  's3express:CreateSession',
  's3:GetDataAccess',
  'rds-db:connect',
  'dsql:DbConnect*',
];

const WORKS_ON = [
  'iam:PassRole',
  ...['Create', 'Run', 'Launch', 'Start', 'Resume', 'Submit', 'Schedule', 'Execute', 'Subscribe', 'Request'].map(
    (it) => `*:${it}*`,
  ),
  '*:*ScheduledAction*',
  '*:SendCommand',
  '*:Send*PublicKey',
  'events:PutRule',
  'events:PutTargets',
  'lambda:Put*',
  'lambda:Update*',
  's3:Put*Notification',
  's3:PutReplicationConfiguration',
  'cloudformation:Update*',
  'ecs:Update*',
  'autoscaling:SetDesiredCapacity',
  'autoscaling:Update*',
  'ssm:UpdateAssociation',
];

/** Data and copies of it; queries, which end by themselves. */
const DATA = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'ec2:CreateImage',
  '*:Create*Tags',
  '*:*Snapshot*',
  '*:Create*Backup',
  '*:*Partition*',
  '*:*Quer*',
  'dynamodb:Execute*',
  'rds-data:Execute*',
  'redshift-data:*ExecuteStatement',
];

const among = (patterns: string[], name: string): boolean =>
  patterns.some((pattern) => globOf(pattern, 'i').test(name));

function outlives({ name, level }: IamAction): boolean {
  if (among(CREDENTIALS, name) || level.includes('Permissions management')) return true;
  return !['List', 'Read'].includes(level) && among(WORKS_ON, name) && !among(DATA, name);
}

/** Which of the actions that these patterns stand for outlive the grant. */
export function outliving(patterns: string[]): string[] {
  const found = patterns.flatMap((pattern) => {
    const known = actionsMatching(pattern);
    // Newer than AWS's list: by its name alone.
    return known.length > 0 ? known.filter(outlives) : [{ name: pattern, level: 'Write' }].filter(outlives);
  });
  return [...new Set(found.map(({ name }) => name))];
}
