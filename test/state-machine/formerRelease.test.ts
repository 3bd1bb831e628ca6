import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@aws-sdk/client-iam';
import { type GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { readHistory } from '../../functions/common/history';
import { tempName } from '../../functions/common/names';
import { parseRecord } from '../../functions/common/record';
import { documentSchema, taskEventSchema } from '../../state-machine/document';

/**
 * What a run of release 0.1.0 left in its history and on its role: a later release meets it when it recovers that run. It is
 * never made anew; a release that writes something else adds a file of its own.
 */
const FORMER = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'release-0.1.0.json'), 'utf8'));
const events: HistoryEvent[] = FORMER.events.map((event: { timestamp: string }) => ({
  ...event,
  timestamp: new Date(event.timestamp),
}));

describe('a run of release 0.1.0', () => {
  const documents = events.flatMap(({ stateExitedEventDetails: exited }) =>
    exited?.output ? [[exited.name as string, JSON.parse(exited.output)] as const] : [],
  );

  test.each(documents)('is understood after %s, and nothing of it is lost', (_, document) => {
    // What it did not know yet has a default.
    expect(documentSchema.parse(document)).toMatchObject(document);
  });

  const scheduled = events.flatMap(({ lambdaFunctionScheduledEventDetails: details }) =>
    details?.input ? [[String(details.resource).replace(/.*-/, ''), JSON.parse(details.input)] as const] : [],
  );

  test.each(scheduled)('its event for %s is understood', (_, event) => {
    const { purpose, document } = taskEventSchema.parse(event);
    expect({ purpose, document }).toMatchObject({ purpose: event.purpose, document: event.document });
  });

  test('is whole', () => {
    expect(documents.length).toBeGreaterThan(8);
    expect(scheduled.map(([name]) => name)).toEqual(expect.arrayContaining(['captureProfile:1', 'restore:1']));
  });

  test('its history says what has to be undone', async () => {
    const send = async ({ input }: GetExecutionHistoryCommand) => ({
      events: input.reverseOrder ? events.toReversed() : events,
    });
    const sfn: SFNClient = Object.assign(Object.create(SFNClient.prototype), { send });
    expect(await readHistory(sfn, FORMER.execution)).toMatchObject({
      begun: true,
      started: Date.parse('2026-01-05T09:02:00Z'),
      ended: Date.parse('2026-01-05T09:03:46Z'),
      instanceId: 'i-0123456789abcdef0',
      tempRoleId: FORMER.role.RoleId,
      capture: { original: { roleArn: 'arn:aws:iam::123456789012:role/app' } },
    });
  });

  test('its record is read', () => {
    const record = parseRecord(FORMER.role as Role);
    expect(record).toMatchObject({
      name: tempName(FORMER.execution),
      state: 'draining',
      execution: FORMER.execution,
      instanceArn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0',
      original: { profileArn: 'arn:aws:iam::123456789012:instance-profile/app' },
      grant: 'run-remote-script',
      deleteAfter: '2026-01-05T16:03:46.000Z',
    });
  });
});
