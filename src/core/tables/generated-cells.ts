import type { DuckDBDataChunk } from '@duckdb/node-api';
import { fillColumn, fillValidity } from './chunk-memory.js';
import type { StoredColumn } from './description.js';
import { parseSql, sqlType } from './spelling.js';
import { literals } from './sql.js';
import { TableError } from './table-error.js';

/** From what a generator gives (numbers, or text) to what is kept. */
export function storedSql(column: StoredColumn, value: string, text: boolean, kind: string): string {
  const { storage } = column;
  if (text) return parseSql(storage, `CAST(${value} AS VARCHAR)`);
  switch (storage.type) {
    case 'boolean':
      return `CASE WHEN isfinite(${value}) THEN ${value} >= 0.5 END`;
    case 'date':
    case 'timestamp':
      return `CAST(make_timestamp(TRY_CAST(${value} * 1000 AS BIGINT)) AS ${sqlType(storage)})`;
    case 'double':
      return `CASE WHEN isfinite(${value}) THEN ${value} END`;
    case 'integer':
    case 'decimal':
      return `TRY_CAST(${value} AS ${sqlType(storage)})`;
    case 'text':
      throw new TableError('impossible_kind', `"${column.name}" is kept as text but came as ${kind}`, {
        column: column.name,
      });
  }
}

/** A dictionary as an ENUM type: codes go into DuckDB as they are. */
export class CodeTable {
  readonly sqlType: string;
  readonly #codes = new Map<string, number>();
  #last: { readonly dictionary: readonly string[]; readonly recode: Int32Array } | null = null;

  constructor(dictionary: readonly string[]) {
    for (const value of dictionary) if (!this.#codes.has(value)) this.#codes.set(value, this.#codes.size);
    // An ENUM cannot be empty; a column whose cells are all missing has no values.
    this.sqlType = this.#codes.size === 0 ? `ENUM ('')` : `ENUM (${literals([...this.#codes.keys()])})`;
  }

  /** From the dictionary's codes to the type's. */
  recode(dictionary: readonly string[]): Int32Array {
    if (this.#last?.dictionary === dictionary) return this.#last.recode;
    const recode = Int32Array.from(dictionary, (value) => {
      const code = this.#codes.get(value);
      if (code === undefined) throw new TableError('batch_mismatch', `The value "${value}" is new in a later batch`);
      return code;
    });
    this.#last = { dictionary, recode };
    return recode;
  }

  fill(chunk: DuckDBDataChunk, column: number, codes: Int32Array, recode: Int32Array): void {
    const size = this.#codes.size;
    const stored =
      size < 256
        ? new Uint8Array(codes.length)
        : size < 65536
          ? new Uint16Array(codes.length)
          : new Uint32Array(codes.length);
    const bits = new Uint8Array(Math.ceil(codes.length / 64) * 8);
    let missing = false;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i]!;
      if (code < 0) {
        missing = true;
        continue;
      }
      stored[i] = recode[code]!;
      bits[i >> 3]! |= 1 << (i & 7);
    }
    fillColumn(chunk, column, stored);
    if (missing) fillValidity(chunk, column, bits);
  }
}
