import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSource, type Removal, type SourceRemoval, type Template, type TemplateRemoval } from './removal';

const TEMPLATE = 'StepUp.template.json';

/**
 * Source files without the protections.
 * @param root of the repository
 * @returns texts by path
 * @throws Error when a text is not there exactly once
 */
export function mutatedSources(removals: Removal[], root: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const removal of removals.filter(isSource)) {
    const path = join(root, removal.file);
    texts.set(path, without(texts.get(path) ?? readFileSync(path, 'utf8'), removal));
  }
  return texts;
}

function without(text: string, { file, find, put }: SourceRemoval): string {
  const times = text.split(find).length - 1;
  if (times === 1) return text.replace(find, () => put);
  throw new Error(`The table is out of date: ${file} has ${times} times '${find}'.`);
}

/** @returns the stack's template without the protections; undefined when nothing of it is removed */
export function mutatedTemplate(removals: Removal[], assembly: string): Template | undefined {
  const changes = removals.filter((removal): removal is TemplateRemoval => !isSource(removal));
  if (changes.length === 0) return undefined;
  const template = JSON.parse(readFileSync(join(assembly, TEMPLATE), 'utf8')) as Template;
  for (const { change } of changes) {
    const before = JSON.stringify(template);
    change(template);
    if (JSON.stringify(template) === before)
      throw new Error(`The table is out of date: the template has nothing of this: ${change}`);
  }
  return template;
}

/** Makes an assembly of another template: what else is in it is the same. */
export function writeAssembly(template: Template, from: string, to: string, assets: string[]): void {
  mkdirSync(to, { recursive: true });
  for (const file of ['manifest.json', 'StepUp.assets.json']) cpSync(join(from, file), join(to, file));
  for (const folder of assets) symlinkSync(join(from, folder), join(to, folder));
  writeFileSync(join(to, TEMPLATE), JSON.stringify(template));
}
