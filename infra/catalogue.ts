import type { Catalogue } from '../state-machine/catalogue';
import { type Ceiling, grantCeiling, inheritCeiling } from './ceilings';
import type { Settings } from './config';
import { corePolicy } from './core';
import { readGrants } from './grantFiles';

/** What one release grants: the catalogue that its functions carry, and the ceilings that stand over it. */
export interface Release {
  catalogue: Catalogue;
  ceilings: Ceiling[];
}

export function buildRelease(settings: Pick<Settings, 'grantsFolder' | 'outputLocations' | 'inherit'>): Release {
  const core = corePolicy(settings.outputLocations);
  const files = readGrants(settings.grantsFolder);
  const inherit = settings.inherit ? inheritCeiling() : null;
  const ceilings: Ceiling[] = inherit ? [inherit] : [];
  const grants: Catalogue['grants'] = {};
  for (const [name, file] of Object.entries(files)) {
    const ceiling = grantCeiling(name, file, core);
    ceilings.push(ceiling);
    const { description, maxMinutes, documents, policy } = file;
    grants[name] = { description, maxMinutes, documents, policy, ceiling: ceiling.name };
  }
  return {
    catalogue: { grants, core, inherit: inherit && { ceiling: inherit.name, policy: inherit.policy } },
    ceilings,
  };
}

/** Every document that some grant allows. */
export const documentsOf = (catalogue: Catalogue): string[] => [
  ...new Set(Object.values(catalogue.grants).flatMap((grant) => grant.documents)),
];
