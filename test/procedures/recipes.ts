import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (...path: string[]) => readFileSync(join(__dirname, '..', '..', ...path), 'utf8');

export interface Block {
  /** The heading that it stands below. */
  recipe: string;
  language: string;
  text: string;
}

const blocksIn = (page: string): Block[] =>
  page.split(/^(?=##+ )/m).flatMap((section) => {
    const [, recipe = ''] = /^##+ (.+)/.exec(section) ?? [];
    return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      ...{ recipe, language, text },
    }));
  });

/** Every block of code of docs/recipes.md, in order. */
export const blocks: Block[] = blocksIn(read('docs', 'recipes.md'));
export const blocksOfReadme: Block[] = blocksIn(read('README.md'));

/** @throws Error when there is none, or several */
export function blockOf(recipe: string, language: string, having = /(?:)/, of = blocks): string {
  const [found, ...others] = of.filter(
    (block) => block.recipe === recipe && block.language === language && having.test(block.text),
  );
  if (!found || others.length > 0) throw new Error(`${recipe}: not one block of ${language} with ${having}`);
  return found.text;
}
