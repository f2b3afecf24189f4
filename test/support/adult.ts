import { readFileSync } from 'node:fs';
import { tableFromRows } from '../../src/core/plugin-api/testing/index.js';
import type { ColumnSchema, TableSource } from '../../src/core/plugin-api/index.js';

const INTEGERS = new Set(['age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week']);

/** The shipped sample as a table: all 32,561 rows, or the first so many. */
export function adultTable(rowCount = Infinity): TableSource {
  const text = readFileSync(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  const columns = header!.split(',').map((name): ColumnSchema => {
    return { name, kind: INTEGERS.has(name) ? 'integer' : 'categorical', nullable: false };
  });
  const rows = lines.slice(0, rowCount).map((line) => {
    return line.split(',').map((cell, c) => (columns[c]!.kind === 'integer' ? Number(cell) : cell));
  });
  return tableFromRows(columns, rows);
}
