import { tempName } from '../../functions/common/names';
import { isErrorName } from '../../state-machine/errors';
import { INSTANCE } from '../support/deployed';
import { isTemp } from './moments';
import {
  capturedBy,
  did,
  endFault,
  hasGrant,
  isSwap,
  mayTakeLonger,
  nameIn,
  owedAtEnd,
  type Story,
  sentAs,
  stateAt,
  swapFault,
  wasHeldBack,
  wasRewritten,
  wasStopped,
} from './story';

interface Check {
  /** The promise, as docs/design.md numbers it. */
  promise: number;
  says: string;
  /** @returns what is not as it says */
  broken(story: Story): string[];
}

/** Everything that StepUp promises and that a story can show to be broken. */
export const CHECKS: Check[] = [
  {
    promise: 1,
    says: 'the instance ends with the profile that it is owed',
    broken: ({ trace, original, moments: all }) => {
      const { attached, instance } = trace.end;
      if (instance === 'terminated' || instance === 'gone') return [];
      const owed = owedAtEnd(trace, original, all);
      const has = attached?.profileArn ?? null;
      if (!owed.includes(has)) return [`it has ${has}, and not ${owed.join(' or ')}`];
      // EC2 never associates a profile that was deleted a moment after it was given back.
      const unsettled = attached?.state === 'associating' && instance === 'running' && !did(trace, 'original-deleted');
      return unsettled ? ['its profile is still associating'] : [];
    },
  },
  {
    promise: 1,
    says: 'only what is ours is ever taken off, and only by whom it belongs to',
    broken: (story) => story.moments.flatMap((moment) => swapFault(moment, story)),
  },
  {
    promise: 1,
    says: 'what ended by itself had restored before it ended',
    broken: ({ trace, moments: all }) =>
      trace.elevations.flatMap((run) => {
        const said = run.status === 'SUCCEEDED' || (run.status === 'FAILED' && run.error !== 'RestoreFailed');
        if (!said) return [];
        const keeps = run.error === 'OriginalGone' || did(trace, 'terminates');
        const { attached, roles } = stateAt(all, run.endedAt);
        return [
          ...(isTemp(attached, run.arn) && !keeps
            ? [`${run.name} ended as ${run.status}, and its profile was still there`]
            : []),
          ...(hasGrant(roles[tempName(run.arn)])
            ? [`${run.name} ended as ${run.status}, and its grant was still there`]
            : []),
        ];
      }),
  },
  {
    promise: 1,
    says: 'what was closed stays closed',
    broken: (story) =>
      story.moments.filter(isSwap).flatMap(({ call, before }) => {
        const run = story.trace.elevations.find(({ name }) => name === call.by?.run);
        const closed = before.roles[tempName(run?.arn ?? '')]?.tags['stepup:draining-since'];
        return closed ? [`${run?.name} was closed at ${closed}, and its profile was attached again`] : [];
      }),
  },
  {
    promise: 1,
    says: 'a profile that the instance keeps exists',
    broken: ({ trace: { end } }) => {
      const kept = end.attached?.profileArn ?? null;
      return isTemp(kept) && !end.profiles.includes(nameIn(kept ?? '')) ? [`it has ${kept}, which was deleted`] : [];
    },
  },
  {
    promise: 2,
    says: 'undo is written before do, and rehearsed',
    broken: (story) =>
      story.moments.filter(isSwap).flatMap(({ call, before }) => {
        const role = before.roles[nameIn(call.output.IamInstanceProfileAssociation.IamInstanceProfile.Arn)];
        const run = story.trace.elevations.find(({ name }) => name === call.by?.run);
        const rehearsed = story.trace.calls.some(
          (other) => other.by?.run === run?.name && other.by?.place === 'RehearseUndo' && !other.error,
        );
        const wanted = before.attached === null ? 'none' : `${before.attached} `;
        return [
          ...(role?.tags['stepup:execution'] === run?.arn ? [] : ['the swap came before the record']),
          ...(role?.tags['stepup:original']?.startsWith(wanted) || wasRewritten(story.trace)
            ? []
            : ['the record does not name what was taken off']),
          ...(rehearsed || before.attached === null ? [] : ['the swap came without a rehearsal']),
        ];
      }),
  },
  {
    promise: 3,
    says: 'each Allow of a grant ends when its record says, on time',
    broken: ({ moments: all, trace, patience }) =>
      all
        .filter(({ call }) => call.operation === 'PutRolePolicy' && call.input.PolicyName === 'stepup-grant')
        .flatMap(({ call, after }) => {
          const role = after.roles[call.input.RoleName];
          const run = trace.elevations.find(({ arn }) => tempName(arn) === call.input.RoleName);
          const expires = role?.tags['stepup:expires'] ?? '';
          const statements = JSON.parse(call.input.PolicyDocument).Statement as GrantStatement[];
          const unending = statements.filter(
            ({ Condition }) => Condition?.DateLessThan?.['aws:CurrentTime'] !== expires,
          );
          const longest = Math.max(call.at, (run?.startedAt ?? 0) + patience) + LONGEST_GRANT_MS;
          return [
            ...(unending.length > 0 ? [`${unending.length} statements of the grant do not end at ${expires}`] : []),
            ...(Date.parse(expires) <= longest ? [] : [`the grant ends at ${expires}, which is too late`]),
          ];
        }),
  },
  {
    promise: 3,
    says: 'a role that drains has no grant',
    broken: ({ moments: all }) =>
      all.flatMap(({ after, call, at }) =>
        Object.values(after.roles)
          .filter((role) => role.tags['stepup:draining-since'] && hasGrant(role))
          .map(() => `it has one after ${call.operation} by ${call.by?.place} at ${new Date(at).toISOString()}`)
          .slice(0, 1),
      ),
  },
  {
    promise: 3,
    says: 'credentials of a temp role are worth nothing on another instance',
    broken: ({ trace }) => (did(trace, 'elsewhere') ? ['they were'] : []),
  },
  {
    promise: 4,
    says: 'the work of two elevations never overlaps on an instance',
    broken: ({ trace: { scripts } }) =>
      scripts.flatMap((one, index) =>
        scripts
          .slice(index + 1)
          .filter((other) => other.run !== one.run && other.at < (one.endedAt || Number.POSITIVE_INFINITY))
          .map((other) => `${other.run}'s began before ${one.run}'s had ended`),
      ),
  },
  {
    promise: 5,
    says: 'the script starts at most once',
    broken: ({ trace }) =>
      trace.elevations.flatMap(({ name }) => {
        const starts = trace.scripts.filter(({ run }) => run === name).length;
        return starts > 1 ? [`${name}'s was started ${starts} times`] : [];
      }),
  },
  {
    promise: 5,
    says: 'it starts only after the instance has shown the temp role, and not under anybody else’s',
    broken: ({ trace }) =>
      trace.scripts.flatMap((script) => {
        const { run, at, roleName } = script;
        const { arn = '' } = trace.elevations.find(({ name }) => name === run) ?? {};
        const shown = trace.calls.some(
          ({ by, at: seen, operation, output }) =>
            by?.run === run &&
            by.place === 'ProveIdentity' &&
            seen <= at &&
            operation === 'ListCommandInvocations' &&
            output?.CommandInvocations?.some(
              ({ Status, CommandPlugins }: ShownInvocation) =>
                Status === 'Success' && CommandPlugins?.some(({ Output }) => Output?.includes(tempName(arn))),
            ),
        );
        const foreign = !wasHeldBack(script, trace) && roleName?.startsWith('stepup-') && roleName !== tempName(arn);
        return [
          ...(shown ? [] : [`${run}'s started unproven`]),
          ...(foreign ? [`${run}'s started with the temp role of another elevation`] : []),
        ];
      }),
  },
  {
    promise: 5,
    says: 'no work goes on, and none begins, after its run was closed',
    broken: ({ trace, moments: all }) =>
      trace.scripts
        .filter((script) => !wasHeldBack(script, trace))
        .flatMap(({ run, at, endedAt }) => {
          const { arn = '' } = trace.elevations.find(({ name }) => name === run) ?? {};
          const closed = all.find(({ after }) => after.roles[tempName(arn)]?.tags['stepup:draining-since'])?.at;
          if (closed === undefined) return [];
          const late = (endedAt || Number.POSITIVE_INFINITY) > closed + CANCEL_MS;
          return [
            ...(at > closed
              ? [`${run}'s began after ${run} was closed`]
              : late
                ? [`${run}'s went on after ${run} was closed`]
                : []),
          ];
        }),
  },
  {
    promise: 6,
    says: 'no role under our path is without a ceiling',
    broken: ({ moments: all }) =>
      all
        .filter(({ call }) => call.operation === 'CreateRole')
        .filter(({ call }) => !/:policy\/stepup\/ceilings\//.test(call.input.PermissionsBoundary ?? ''))
        .map(({ call }) => `${call.input.RoleName} has '${call.input.PermissionsBoundary}'`),
  },
  {
    promise: 7,
    says: 'nothing is left when everything has drained',
    broken: ({ trace: { end, acts } }) => {
      // The instance keeps the profile, without the grant, for want of another.
      const kept = acts.some(({ what, done }) => what === 'original-deleted' && done)
        ? nameIn(end.attached?.profileArn)
        : '';
      // A record that nobody can read any more is reported until a person deletes its role.
      const unreadable = acts.some(({ what, done }) => what === 'record-unreadable' && done);
      const left = (names: string[]) => names.filter((name) => name !== kept);
      return [
        ...(unreadable ? [] : left(end.roles)).map((name) => `role ${name}`),
        ...left(end.profiles).map((name) => `instance profile ${name}`),
        ...(end.executing > 0 ? [`${end.executing} commands`] : []),
      ];
    },
  },
  {
    promise: 7,
    says: 'every recovery can be told from its name, and says how it ended',
    broken: ({ trace }) =>
      trace.recoveries.flatMap(({ name, status, error, cause }) => [
        ...(trace.elevations.some((run) => name.startsWith(`${run.name}-`)) ? [] : [`${name} names no run`]),
        ...(status === 'FAILED' && !(isErrorName(error ?? '') && cause) ? [`${name} failed without a reason`] : []),
      ]),
  },
  {
    promise: 8,
    says: 'a run that fails says why, and one that succeeds has done its work',
    broken: ({ trace }) => trace.elevations.flatMap(endFault),
  },
  {
    promise: 8,
    says: 'a run that says that nothing was started has started nothing',
    broken: ({ trace: { elevations, scripts } }) =>
      elevations
        .filter(({ name, error }) => error === 'CommandRejected' && scripts.some(({ run }) => run === name))
        .map(({ name, cause }) => `${name}: ${cause}`),
  },
  {
    promise: 8,
    says: 'no function of ours fails by a mistake of its own',
    broken: ({ trace }) => trace.bugs,
  },
  {
    promise: 9,
    says: 'a role is deleted only when its credentials have expired',
    broken: ({ moments: all }) =>
      all
        .filter(({ call }) => call.by && call.operation === 'DeleteRole')
        .flatMap(({ at, call }) => {
          const { RoleName: name } = call.input;
          const letGo = all.findLast(({ before }) => before.attached && nameIn(before.attached) === name)?.at ?? 0;
          return at < letGo + CREDENTIALS_MS
            ? [`${name} was deleted ${at - letGo} ms after the instance let go of it`]
            : [];
        }),
  },
  {
    promise: 1,
    says: 'a running instance is never bare in between, but to have a profile exchanged that EC2 cannot associate',
    broken: (story) =>
      story.moments
        .filter(
          ({ call, after }) =>
            call.by && after.attached === null && call.operation === 'DisassociateIamInstanceProfile',
        )
        .filter(({ call }) => capturedBy(call.by?.run ?? '', story) !== null)
        .filter(({ at }) => !wasStopped(story.trace, at) && story.associating < HANGING_MS)
        .map(({ call }) => `${call.by?.place} of ${call.by?.run} took its profile off instead of replacing it`),
  },
  {
    promise: 1,
    says: 'what a broken run left is put right within an hour',
    broken: ({ trace, moments: all }) =>
      trace.elevations.flatMap((run) => {
        const { endedAt } = run;
        if (endedAt === undefined || mayTakeLonger(trace)) return [];
        const { attached, roles } = stateAt(all, endedAt + PUT_RIGHT_MS);
        const kept = isTemp(attached, run.arn) ? [`${run.name} ended, and its profile was there an hour later`] : [];
        return hasGrant(roles[tempName(run.arn)]) ? [...kept, `${run.name}'s grant was there an hour after it`] : kept;
      }),
  },
  {
    promise: 6,
    says: 'no command is cancelled but the run’s own',
    broken: ({ trace: { calls } }) =>
      calls
        .filter(({ by, operation }) => by && operation === 'CancelCommand')
        .filter(({ by, input }) => !calls.some((sent) => sent.by?.run === by?.run && sentAs(sent) === input.CommandId))
        .map(({ by, input }) => `${by?.place} of ${by?.run} cancelled ${input.CommandId}`),
  },
  {
    promise: 6,
    says: 'nothing is done to any other instance',
    broken: ({ trace: { calls } }) =>
      calls
        .filter(({ by, service, operation }) => by && service === 'ec2' && !operation.startsWith('Describe'))
        .filter(({ output }) => output && output.IamInstanceProfileAssociation.InstanceId !== INSTANCE)
        .map(({ by, operation }) => `${by?.place} of ${by?.run} called ${operation} on another`),
  },
  {
    promise: 6,
    says: 'nothing but what is ours is written to in IAM',
    broken: ({ trace }) =>
      trace.calls
        .filter(({ by, service, operation }) => by && service === 'iam' && !/^(Get|List)/.test(operation))
        .filter(({ by, input }) => {
          const name = input.RoleName ?? input.InstanceProfileName;
          const run = trace.elevations.find((one) => one.name === by?.run);
          return run ? name !== tempName(run.arn) : !name.startsWith('stepup-');
        })
        .map(({ by, operation, input }) => `${by?.place} called ${operation} on ${JSON.stringify(input)}`),
  },
];

interface GrantStatement {
  Condition?: { DateLessThan?: Record<string, string> };
}
interface ShownInvocation {
  Status: string;
  CommandPlugins?: { Output?: string }[];
}

/** The work's longest duration, and what the grant may take besides. */
const LONGEST_GRANT_MS = (60 + 15) * 60_000;
/** As long as credentials last that the metadata service has handed out (aws-facts 3.1). */
const CREDENTIALS_MS = 23_640_000;
/** Restore takes off what has been `associating` for a minute. */
const HANGING_MS = 60_000;
/** Sweep comes every 15 minutes, and leaves `recover` five; Restore tries again every five at the latest. */
const PUT_RIGHT_MS = 60 * 60_000;
/** SSM's agent needs a moment to cancel. */
const CANCEL_MS = 10_000;
