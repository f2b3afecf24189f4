import { CellWriter } from './cell-writer.js';
import type { Conversion } from './conversion.js';
import { decodedText } from './decoded-text.js';
import { jsonCells } from './json-cells.js';
import { jsonObjects } from './json-objects.js';

/** Two passes: the columns are all keys of all objects, in the order in which they first appear. */
export function convertJson(path: string, target: string, layout: 'json' | 'ndjson', encoding: string): Conversion {
  const positions = new Map<string, number>();
  for (const object of jsonObjects(decodedText(path, encoding), layout)) {
    for (const key of jsonCells(object).keys()) if (!positions.has(key)) positions.set(key, positions.size);
  }
  const writer = new CellWriter(target);
  try {
    for (const object of jsonObjects(decodedText(path, encoding), layout)) {
      const row = Array.from({ length: positions.size }, (): string | null => null);
      for (const [key, cell] of jsonCells(object)) row[positions.get(key)!] = cell;
      writer.writeRow(row);
    }
  } finally {
    writer.close();
  }
  return { names: [...positions.keys()], rowCount: writer.rowCount };
}
