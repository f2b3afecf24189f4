import type { Database } from './database.js';
import { COMMA_NUMBER, provesDecimalCommaSql } from './decimal-comma.js';
import { type ColumnStorage, decimalCommaOf } from './description.js';
import { cellsOf, MANY_COLUMNS } from './many-columns.js';
import { isMissingSql } from './missing.js';
import { parseSql, spellSql } from './spelling.js';
import { cell } from './sql.js';

/** How the text cells of column `index` may be read. */
export interface Reading {
  readonly index: number;
  readonly storage: ColumnStorage;
  /** Missing cells may have blanks around them, which the file's reader did not recognise. */
  readonly paddedMissing: boolean;
}

/** What all the cells of a column say of a reading. */
export interface Finding {
  readonly present: number;
  /** Cells that are values of the type. */
  readonly fitting: number;
  /** Cells that are spelled as the type would spell them. */
  readonly same: number;
  /** Cells whose comma can be nothing but a decimal one. */
  readonly proving: number;
  /** Some of the cells that do not fit. */
  readonly against: readonly string[];
}

const POINT_NUMBER = '\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?\\s*';
/** From either end of their order: a frequent one must not hide the others. */
const COUNTEREXAMPLES = 50;
/** Values that {@link findingSql} selects. */
const FINDING = 6;

export function sameReading(a: Reading, b: Reading): boolean {
  return manner(a) === manner(b);
}

/** In one scan of the whole table. */
export async function tryReadings(
  database: Database,
  relation: string,
  readings: readonly Reading[],
): Promise<Finding[]> {
  if (readings.length > MANY_COLUMNS) return tryByManners(database, relation, readings);
  const wanted = readings.flatMap((reading) => {
    const { storage, index } = reading;
    const text = readCell(reading, cell(index));
    const same = sameSql(storage, text);
    return findingSql(text, same, fitsSql(same, looselyFitsSql(storage, text)), provesSql(storage, text));
  });
  const row = await database.row(`SELECT ${wanted.join(', ')} FROM ${relation}`);
  return readings.map((_, i) => toFinding(row.slice(i * FINDING, (i + 1) * FINDING)));
}

/** One expression for all columns that are read alike. */
async function tryByManners(database: Database, relation: string, readings: readonly Reading[]): Promise<Finding[]> {
  const groups = [...Map.groupBy(readings, manner).values()];
  const groupOf = new Map(groups.flatMap((members, group) => members.map((reading) => [reading, group] as const)));
  const groupOfCell = `[${readings.map((reading) => groupOf.get(reading)!).join(', ')}][c + 1]`;
  const choose = (of: (reading: Reading) => string) => {
    const choices = groups.map(([reading]) => of(reading!));
    if (choices.every((choice) => choice === choices[0])) return choices[0]!;
    return `CASE ${groupOfCell} ${choices.map((choice, group) => `WHEN ${group} THEN ${choice}`).join(' ')} END`;
  };
  const sources = readings.map(({ index }) => cell(index));
  const texts = `SELECT c, ${choose((reading) => readCell(reading, 'v'))} AS v FROM ${cellsOf(relation, sources)}`;
  const spelled = `SELECT *, ${choose(({ storage }) => sameSql(storage, 'v'))} AS same FROM (${texts})`;
  const loosely = choose(({ storage }) => looselyFitsSql(storage, 'v'));
  const proves = choose(({ storage }) => provesSql(storage, 'v'));
  const tried = `SELECT *, ${fitsSql('same', loosely)} AS fits FROM (${spelled})`;
  const wanted = findingSql('v', 'same', 'fits', proves).join(', ');
  const rows = await database.rows(`SELECT ${wanted} FROM (${tried}) GROUP BY c ORDER BY c`);
  const none: Finding = { present: 0, fitting: 0, same: 0, proving: 0, against: [] };
  return readings.map((_, i) => (rows[i] ? toFinding(rows[i]) : none));
}

/** Equal for columns that are read alike. */
function manner({ storage, paddedMissing }: Reading): string {
  return JSON.stringify([storage, paddedMissing]);
}

function findingSql(text: string, same: string, fits: string, proves: string): string[] {
  const counts = [fits, same, proves].map((condition) => `count(*) FILTER (${condition})`);
  const against = ['min', 'max'].map((end) => `${end}(${text}, ${COUNTEREXAMPLES}) FILTER (NOT (${fits}))`);
  return [`count(${text})`, ...counts, ...against];
}

function toFinding([present, fitting, same, proving, least, greatest]: readonly unknown[]): Finding {
  const against = new Set([least, greatest].flatMap((texts) => (texts ?? []) as string[]));
  const counts = { present: Number(present), fitting: Number(fitting), same: Number(same), proving: Number(proving) };
  return { ...counts, against: [...against] };
}

/** The text of a column (an SQL expression) with its missing cells as NULL. */
export function readCell({ paddedMissing }: Pick<Reading, 'paddedMissing'>, text: string): string {
  return paddedMissing ? `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${text} END` : text;
}

function fitsSql(same: string, loosely: string): string {
  return `CASE WHEN ${same} THEN true ELSE ${loosely} END`;
}

function provesSql(storage: ColumnStorage, text: string): string {
  return decimalCommaOf(storage) === null ? 'false' : provesDecimalCommaSql(text);
}

/** The cell, read as the type and spelled again, is the same text. */
function sameSql(storage: ColumnStorage, text: string): string {
  return `coalesce(${spellSql(storage, parseSql(storage, text))} = ${text}, false)`;
}

/** The cell is a value of the type, though it is not spelled as the type would spell it. */
function looselyFitsSql(storage: ColumnStorage, text: string): string {
  const parsed = parseSql(storage, text);
  switch (storage.type) {
    case 'integer':
      return `regexp_full_match(${text}, '\\s*[+-]?(0|[1-9][0-9]*)\\s*') AND ${parsed} IS NOT NULL`;
    case 'double':
      return `regexp_full_match(${text}, '(?i)\\s*[+-]?inf(inity)?\\s*|${storage.comma ? COMMA_NUMBER : POINT_NUMBER}')
        AND NOT regexp_full_match(${text}, '\\s*[+-]?0[0-9]+\\s*')`;
    case 'decimal':
      // What was rounded to zero from below keeps its sign in the file, and has none as a number.
      return `regexp_full_match(${text}, '-0[.,]0{${storage.places}}')`;
    case 'date':
    case 'timestamp':
      return `${parsed} IS NOT NULL`;
    default:
      return 'false';
  }
}
