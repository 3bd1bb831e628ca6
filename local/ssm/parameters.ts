import { AwsError } from '../world';
import type { CommandDocument, DocumentStep, ParameterSpec } from './documents';

export type Values = Record<string, string | string[]>;

/**
 * The values of a document's parameters: those given, else the defaults.
 * @throws AwsError InvalidParameters. Unconfirmed: its texts.
 */
export function bindParameters(document: CommandDocument, given: Record<string, string[]> = {}): Values {
  const unknown = Object.keys(given).filter((name) => !document.parameters[name]);
  if (unknown.length > 0) throw invalid(`document ${document.name} does not have: ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(document.parameters).map(([name, spec]) => {
      const values = given[name];
      if (values === undefined && spec.default === undefined) throw invalid(`${name} is required`);
      if (values === undefined) return [name, spec.default ?? ''];
      for (const value of values) checkValue(name, spec, value);
      if (spec.type === 'StringList') return [name, values];
      if (values.length !== 1) throw invalid(`${name} takes exactly one value`);
      return [name, values[0] ?? ''];
    }),
  );
}

function checkValue(name: string, { allowedValues, allowedPattern }: ParameterSpec, value: string): void {
  if (allowedValues && !allowedValues.includes(value)) throw invalid(`${name} must be one of ${allowedValues}`);
  if (allowedPattern && !new RegExp(`^(?:${allowedPattern})$`).test(value)) {
    throw invalid(`${name} does not match ${allowedPattern}`);
  }
  if (/\{\{\s*ssm/.test(value)) throw invalid(`a reference to Parameter Store (${name}): not in the embedded AWS`);
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameters', `Invalid parameters: ${what}`);
}

/** The step with every `{{ name }}` replaced; a list that stands alone in a list is spliced in. */
export function bindStep(step: DocumentStep, values: Values): DocumentStep {
  return { ...step, inputs: substitute(step.inputs, values) as DocumentStep['inputs'] };
}

function substitute(input: unknown, values: Values): unknown {
  if (typeof input === 'string') {
    const alone = /^\s*\{\{\s*([^\s}]+)\s*\}\}\s*$/.exec(input);
    if (alone) return values[alone[1]!];
    return input.replace(/\{\{\s*([^\s}]+)\s*\}\}/g, (_, name: string) => String(values[name]));
  }
  if (Array.isArray(input)) return input.flatMap((item) => substitute(item, values));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, substitute(value, values)]));
}

/** Seconds after which the agent kills a script; it takes 3600 for anything out of its range (aws-facts 4.2). */
export function executionTimeout({ inputs }: DocumentStep): number {
  const seconds = Number(inputs.timeoutSeconds ?? 3600);
  return Number.isInteger(seconds) && seconds >= 5 && seconds <= 172_800 ? seconds : 3600;
}
