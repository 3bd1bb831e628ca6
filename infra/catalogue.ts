import { type Catalogue, expiring, type GrantFile, type Statement } from '../state-machine/catalogue';
import { type OutputLocation, outputStatements } from '../state-machine/output';
import { type Ceiling, grantCeiling, inheritCeiling } from './ceilings';
import type { Settings } from './config';
import { coreParts } from './core';
import { readGrants } from './grantFiles';
import { outlivingOf } from './grantLint';
import type { GuardSettings } from './guards';
import { type Parts, policyOf, requireFit } from './sizes';

/** What one release grants: the catalogue that its functions carry, and the ceilings that stand over it. */
export interface Release {
  catalogue: Catalogue;
  ceilings: Ceiling[];
  /** By grant: what it can leave behind that acts on when it has ended. */
  outliving: Record<string, string[]>;
}

/** Of all inline policies of a role together: aws-facts-2 15.5. */
const LARGEST_INLINE = 10_240;

export function buildRelease(
  settings: Pick<Settings, 'grantsFolder' | 'outputLocations' | 'core' | 'inherit' | 'inheritCeiling'> & GuardSettings,
): Release {
  const core = coreParts(settings.core);
  const outputLocations = outputStatements(settings.outputLocations);
  const files = readGrants(settings.grantsFolder);
  const inherit = settings.inherit ? inheritCeiling(settings) : null;
  const ceilings: Ceiling[] = inherit ? [inherit] : [];
  const grants: Catalogue['grants'] = {};
  const outliving: Release['outliving'] = {};
  for (const [name, file] of Object.entries(files)) {
    ceilings.push(grantCeiling(name, file, { ...core, outputLocations }, settings));
    requireInlineFit(name, file, core, settings.outputLocations);
    if (file.outlives) outliving[name] = outlivingOf(file.policy);
    const { description, maxMinutes, documents, policy, hold, requesters } = file;
    grants[name] = { description, maxMinutes, documents, policy, hold, requesters };
  }
  return {
    catalogue: { grants, core: policyOf(core), inherit: inherit && { policy: inherit.policy } },
    ceilings,
    outliving,
  };
}

const LONGEST_INSTANCE_ID = 'i-0123456789abcdef0';

/** A temp role of baseline `core` holds core and the grant, and may write to one of the locations. */
function requireInlineFit(name: string, { policy }: GrantFile, core: Parts, locations: OutputLocation[]): void {
  const what = `The inline policies of a temp role with grant '${name}' and baseline core`;
  for (const output of [[], ...locations.map((location) => [location])]) {
    const granted = {
      'the grant': ending(policy.Statement),
      outputLocations: ending(outputStatements(output, LONGEST_INSTANCE_ID)),
    };
    requireFit(what, { ...core, ...granted }, LARGEST_INLINE);
  }
}

/** What is granted gets an expiry when it is attached; any will do for its length. */
const ending = (statements: Statement[]): Statement[] =>
  expiring({ Version: '2012-10-17', Statement: statements }, new Date(0).toISOString()).Statement;

/** Every document that some grant allows. */
export const documentsOf = (catalogue: Catalogue): string[] => [
  ...new Set(Object.values(catalogue.grants).flatMap((grant) => grant.documents)),
];
