import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ColumnKind, ColumnProfile } from '../plugin-api/index.js';
import type { FillPattern } from './fresh/fill-pattern.js';
import type { PersonalDataKind } from './personal-data.js';

export const TABLE_FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'xlsx'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** How a delimited text file is written. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: '"' | "'";
  readonly encoding: TextEncoding;
}

/** How numbers with a decimal comma are written: `1234,5`, or with points between thousands, `1.234,5`. */
export type DecimalComma = 'plain' | 'grouped';

/** How a column's cells are kept in Parquet, and how they are spelled when they come out again. */
export type ColumnStorage =
  /** BIGINT, or DECIMAL(38, 0) where 64 bits are too few. */
  | { readonly type: 'integer'; readonly wide: boolean }
  /** Every cell has the same number of decimal places. */
  | { readonly type: 'decimal'; readonly places: number; readonly wide: boolean; readonly comma?: DecimalComma }
  | { readonly type: 'double'; readonly comma?: DecimalComma }
  /** The spellings of false and of true. */
  | { readonly type: 'boolean'; readonly spelling: readonly [string, string] }
  /** `format` is a strftime pattern. A date has no time of day; both are read as UTC. */
  | { readonly type: 'date' | 'timestamp'; readonly format: string }
  | { readonly type: 'text' };

export interface StoredColumn extends ColumnProfile {
  readonly name: string;
  readonly storage: ColumnStorage;
  /** Proposed by the data; an override may say otherwise. */
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** Some cells are not spelled as their type would spell them: their text lies beside them, in the Parquet column `t<i>`. */
  readonly keepsSpelling: boolean;
  /** How fresh values look, for a column that is proposed to be set aside. */
  readonly fill?: FillPattern;
  readonly personalData?: PersonalDataKind;
}

/** What is known of a stored table: `table.json`, beside the rows in `table.parquet` (columns `c0`, `c1`, …). */
export interface TableDescription {
  readonly version: 1;
  readonly format: TableFormat;
  /** Of delimited text only. */
  readonly dialect?: CsvDialect;
  readonly rowCount: number;
  readonly columns: readonly StoredColumn[];
}

/** Null where the column's numbers are written with a decimal point, or are none. */
export function decimalCommaOf(storage: ColumnStorage): DecimalComma | null {
  return (storage.type === 'decimal' || storage.type === 'double') && storage.comma ? storage.comma : null;
}

export function rowsPath(directory: string): string {
  return join(directory, 'table.parquet');
}

export async function readDescription(directory: string): Promise<TableDescription> {
  return JSON.parse(await readFile(join(directory, 'table.json'), 'utf8')) as TableDescription;
}

/** Written last and renamed into place: a table without it is not one. */
export async function writeDescription(directory: string, description: TableDescription): Promise<void> {
  const path = join(directory, 'table.json');
  await writeFile(`${path}.part`, JSON.stringify(description));
  await rename(`${path}.part`, path);
}
