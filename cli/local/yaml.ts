import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { refused } from '../failure';

/** The way to a value: names of fields, and places in lists. */
export type Path = readonly PropertyKey[];

export interface Yaml {
  value: unknown;
  /** The line of the value, or of the nearest thing around it that is there. */
  lineOf(path: Path): number;
}

/** @throws CommandFailure (refused) when it is no YAML (which JSON is too) */
export function readYaml(text: string, file: string): Yaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  // One slip makes several errors: those after the first are about its consequences.
  const [slip] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (slip) throw refused(`${file} is no YAML:\n${slip.message.trimEnd().replace(/^/gm, '  ')}`);
  const lineOf = (path: Path) => lines.linePos(offsetOf(document, path)).line;
  visit(document, {
    Pair: (_, { key }) => {
      // A name is what is written: 007 is no 7, and `null` no null.
      if (isScalar(key) && typeof key.value !== 'string') key.value = key.source ?? '';
      // Objects of JavaScript cannot hold it.
      if (isScalar(key) && key.value === '__proto__') {
        throw refused(`${file}, line ${lines.linePos(key.range?.[0] ?? 0).line}: nothing can be called __proto__ here`);
      }
    },
  });
  try {
    return { value: document.toJS(), lineOf };
  } catch (error) {
    // Aliases that multiply.
    throw refused(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of path) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(here) && here.items.find(({ key }) => isScalar(key) && key.value === String(step));
    const item = pair ? pair.key : isSeq(here) ? here.items[Number(step)] : undefined;
    if (!isNode(item)) break;
    offset = item.range?.[0] ?? offset;
    node = pair ? pair.value : item;
  }
  return offset;
}
