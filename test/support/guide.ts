import { readFileSync } from 'node:fs';

const guide = readFileSync(new URL('../../docs/api-integration-guide.txt', import.meta.url), 'utf8');

/** A passage of the published guide, word for word: from the line or lines that are given up to, and without, the line `next`. */
export function cut(first: string, next: string): string {
  const start = guide.indexOf(`\n${first}\n`);
  const end = guide.indexOf(`\n${next}\n`, start + 1);
  if (start < 0 || end < 0) throw new Error(`The guide has no passage from "${first}" to "${next}"`);
  return guide.slice(start + 1, end).trim();
}

/** What the comments of a sketch say is to be done. */
export function stepsOf(first: string, next: string): string[] {
  return cut(first, next)
    .split('\n')
    .filter((line) => line.startsWith('# '))
    .map((line) => line.slice(2));
}
