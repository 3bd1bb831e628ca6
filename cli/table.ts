/** Columns as wide as their widest cell. `right`: columns of figures. */
export function table(head: string[], rows: string[][], { right = [] as number[] } = {}): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

/** `title  value` lines, the values below each other; a value of several lines is indented. */
export function card(fields: [title: string, value: string][]): string {
  const shown = fields.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([title]) => title.length));
  const indent = `\n${' '.repeat(width + 2)}`;
  return shown
    .map(([title, value]) => `${title.padEnd(width)}  ${value.trimEnd().replaceAll('\n', indent)}`)
    .join('\n');
}
