import type { Statement } from '../state-machine/catalogue';
import { parseOrExplain, readJson, type Settings, statementsSchema } from './config';
import { GUARD_SIDS } from './guards';
import { characterFaults, statementFaults } from './statementLint';

/** Bound where the ceiling is used. */
const BUILT_INS = ['partition', 'region', 'account', 'deployment'];

/**
 * The deployer's own statements for the ceiling of `inherit`.
 * @throws Error that names the setting, or its file, and each wrong statement
 */
export function ownCeiling(setting: Settings['inheritCeiling']): Statement[] {
  const what = typeof setting === 'string' ? setting : 'inheritCeiling';
  const read = typeof setting === 'string' ? parseOrExplain(setting, statementsSchema, readJson(setting)) : setting;
  const statements = Array.isArray(read) ? read : read.Statement;
  const problems = statements.flatMap((statement, index) =>
    faults(statement).map((fault) => `✖ Statement[${index}]${fault}`),
  );
  if (!statements.some(({ Effect }) => Effect === 'Allow')) problems.push('✖ no Allow: nothing could be inherited');
  if (problems.length > 0) throw new Error(`${what} is no ceiling.\n${problems.join('\n')}`);
  return statements;
}

function faults(statement: Statement): string[] {
  const { Sid } = statement;
  const unknown = [...JSON.stringify(statement).matchAll(/\$\{([A-Za-z][A-Za-z0-9]*)\}/g)]
    .map(([, name]) => name as string)
    .filter((name) => !BUILT_INS.includes(name));
  return [
    ...(Sid && GUARD_SIDS.includes(Sid) ? [`: the Sid '${Sid}' belongs to a guard`] : []),
    ...statementFaults(statement),
    ...characterFaults(statement),
    ...unknown.map((name) => `: \${${name}} is none of \${${BUILT_INS.join('}, ${')}}`),
  ];
}
