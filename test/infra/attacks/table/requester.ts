import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { allowed, ask, type Cell, type Deed, denied } from '../cell';
import { execution, here, INSTANCES, lambda, machine, PROD, PROD2 } from '../places';

/** As docs/security.md has it: this grant, on this instance. */
const GRANT = 'run-remote-script';
const { enrolled, swapped } = INSTANCES;

const elevations = (grant = GRANT, instanceId: string = enrolled) =>
  `/grants/${grant}/instances/${instanceId}/elevations`;
const work = { work: { shell: ['echo'] } };
const asks =
  (path: string, deployment = PROD): Deed =>
  (hands) =>
    hands.ask(deployment, 'POST', path, work);
const reads =
  (path: string, deployment = PROD): Deed =>
  (hands) =>
    hands.ask(deployment, 'GET', path);

const own = reads('/grants');
const BY_PATH = 'execute-api:Invoke on the path';
const byPath = (against: Cell['against'], attempt: string, deed: Deed, right = own): Cell =>
  denied({ against, attempt, stoppedBy: BY_PATH, deed, right });
const noPermission = (attempt: string, deed: Deed): Cell =>
  denied({ against: 'StepUp itself', attempt, stoppedBy: 'no permission', deed, right: own });

const release = (instanceId: string) => `${elevations(GRANT, instanceId)}/run/release`;

/** Who may ask for one grant on one instance. */
export const requester: Cell[] = [
  byPath('commands on instances', 'ask for another grant', asks(elevations('read-bucket-prefix'))),
  byPath('commands on instances', 'ask for its grant on another instance', asks(elevations(GRANT, swapped))),
  byPath('commands on instances', 'ask for all grants by a wildcard', asks(elevations('*'))),
  byPath('commands on instances', "ask another deployment's API", asks(elevations(), PROD2)),
  byPath('temp roles of others', "release another instance's elevation", asks(release(swapped))),
  byPath('data', "list everybody's elevations", reads('/elevations')),
  byPath('data', "list another instance's elevations", reads(`/instances/${swapped}/elevations`)),
  byPath('data', 'look at another instance', reads(`/instances/${swapped}`)),
  noPermission('start an elevation past the API', ({ sfn }) => {
    const input = JSON.stringify({ instanceId: enrolled, grant: GRANT, ...work });
    return sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-elevation`), input }));
  }),
  noPermission('call the function behind the API', ask('lambda:InvokeFunction', lambda(`${PROD}-requestElevation`))),
  noPermission('end a hold past the API', ask('states:SendTaskSuccess', '*')),
  noPermission('rewrite a schedule', ask('scheduler:UpdateSchedule', here('scheduler', `schedule/${PROD}/any`))),
  denied({
    against: 'data',
    attempt: "read the input and result of anybody's run",
    stoppedBy: 'no permission',
    deed: ask('states:DescribeExecution', execution(`${PROD}-elevation:other-run`)),
    right: own,
  }),
  allowed({
    against: 'commands on instances',
    attempt: 'have its instance do, as root, what the documents of its grant do',
    residue: 'that is what it asks for: a grant names its documents, and may name its requesters',
    deed: asks(elevations()),
  }),
];
