import type { Database } from './database.js';
import { COMMA_NUMBER, provesDecimalCommaSql } from './decimal-comma.js';
import { type ColumnStorage, decimalCommaOf } from './description.js';
import { guessStorage } from './guess-storage.js';
import { isMissingSql, MISSING_SPELLINGS } from './missing.js';
import { parseSql, spellSql } from './spelling.js';
import { cell } from './sql.js';

export interface DecidedColumn {
  readonly storage: ColumnStorage;
  /** Some cells are spelled otherwise than {@link spellSql} would. */
  readonly keepsSpelling: boolean;
  /** Missing cells may have blanks around them, which the reader did not recognise. */
  readonly paddedMissing: boolean;
}

const POINT_NUMBER = '\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?\\s*';

interface Trial extends DecidedColumn {
  readonly index: number;
  readonly seen: string[];
  /** Some cell's comma can be nothing but a decimal one. */
  readonly provesComma: boolean;
  readonly settled: boolean;
}

const SAMPLE_ROWS = 2000;
const SAMPLE_CELLS = 200_000;
const COUNTEREXAMPLES = 100;
/** Of each column, in one scan. */
const COUNTS = 4;
/** Wide tables are asked about in parts: planning a statement takes longer than in proportion to its length. */
const COLUMNS_AT_ONCE = 250;

/**
 * Decides what every column is. A guess from the first rows is tried on the whole column; cells that contradict it are
 * added to what was seen, and the next guess is more general, down to text, which nothing contradicts.
 * @param decimalCommas whether numbers may be written with them: only where the comma doesn't stand between cells.
 */
export async function decideStorage(
  database: Database,
  relation: string,
  columnCount: number,
  decimalCommas: boolean,
): Promise<{ rowCount: number; columns: readonly DecidedColumn[] }> {
  const guess: Guess = (texts, index) => guessTrial(texts, index, decimalCommas);
  let trials = (await firstCells(database, relation, columnCount)).map(guess);
  let rowCount = 0;
  while (trials.some((trial) => !trial.settled)) {
    const open = trials.filter((trial) => !trial.settled);
    for (let start = 0; start < open.length; start += COLUMNS_AT_ONCE) {
      const part = open.slice(start, start + COLUMNS_AT_ONCE);
      const tried = await tryOut(database, relation, part, guess);
      rowCount = tried.rowCount;
      const byIndex = new Map(tried.trials.map((trial) => [trial.index, trial]));
      trials = trials.map((trial) => byIndex.get(trial.index) ?? trial);
    }
  }
  return { rowCount, columns: settleCommas(trials) };
}

async function firstCells(database: Database, relation: string, columnCount: number): Promise<string[][]> {
  const rows = Math.max(100, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columnCount)));
  const columns = Array.from({ length: columnCount }, (): string[] => []);
  for (let start = 0; start < columnCount; start += COLUMNS_AT_ONCE) {
    const part = columns.slice(start, start + COLUMNS_AT_ONCE);
    const cells = part.map((_, i) => cell(start + i)).join(', ');
    for (const row of await database.rows(`SELECT ${cells} FROM ${relation} LIMIT ${rows}`)) {
      for (const [i, text] of row.entries()) if (text !== null) part[i]!.push(String(text));
    }
  }
  return columns;
}

/**
 * A column of nothing but `1,234` may hold whole thousands: it is one of numbers where another column of the file proves
 * that commas are decimal, and none has decimal points; else it is text, which misreads nothing.
 */
function settleCommas(trials: readonly Trial[]): readonly Trial[] {
  const proven = trials.some(({ provesComma }) => provesComma);
  const pointed = trials.some(({ storage }) => hasDecimals(storage) && decimalCommaOf(storage) === null);
  if (proven && !pointed) return trials;
  return trials.map((trial): Trial => {
    const isDoubtful = decimalCommaOf(trial.storage) !== null && !trial.provesComma;
    return isDoubtful ? { ...trial, storage: { type: 'text' }, keepsSpelling: false } : trial;
  });
}

function hasDecimals({ type }: ColumnStorage): boolean {
  return type === 'decimal' || type === 'double';
}

type Guess = (texts: readonly string[], index: number) => Trial;

function guessTrial(texts: readonly string[], index: number, decimalCommas: boolean): Trial {
  const seen = texts.filter((text) => !isPaddedMissing(text));
  const paddedMissing = seen.length < texts.length;
  const storage = guessStorage(seen, decimalCommas);
  return { index, seen, storage, keepsSpelling: false, paddedMissing, provesComma: false, settled: false };
}

function isPaddedMissing(text: string): boolean {
  return (MISSING_SPELLINGS as readonly string[]).includes(text.trim());
}

/** One scan of the whole table. Text needs none, but for its rows to be counted. */
async function tryOut(database: Database, relation: string, trials: readonly Trial[], guess: Guess) {
  const counts = trials.flatMap((trial) => {
    const text = readCell(trial);
    if (trial.storage.type === 'text') return Array.from({ length: COUNTS }, () => '0');
    return [
      `count(${text})`,
      `count(*) FILTER (${fitsSql(trial.storage, text)})`,
      `count(*) FILTER (${sameSql(trial.storage, text)})`,
      decimalCommaOf(trial.storage) === null ? '0' : `count(*) FILTER (${provesDecimalCommaSql(text)})`,
    ];
  });
  const [rowCount, ...found] = (await database.row(`SELECT count(*), ${counts.join(', ')} FROM ${relation}`)).map(
    Number,
  );
  const next: Trial[] = [];
  for (const [i, trial] of trials.entries()) {
    const [present, fitting, same, proving] = found.slice(COUNTS * i, COUNTS * (i + 1)) as number[];
    if (fitting === present) {
      next.push({ ...trial, keepsSpelling: same! < present!, provesComma: proving! > 0, settled: true });
    } else next.push(await generalise(database, relation, trial, guess));
  }
  return { rowCount: rowCount!, trials: next };
}

async function generalise(database: Database, relation: string, trial: Trial, guess: Guess): Promise<Trial> {
  const text = readCell(trial);
  const against = await database.rows(
    `SELECT DISTINCT ${text} FROM ${relation} WHERE ${text} IS NOT NULL AND NOT (${fitsSql(trial.storage, text)}) LIMIT ${COUNTEREXAMPLES}`,
  );
  const next = guess([...trial.seen, ...against.map(([found]) => String(found))], trial.index);
  const merged = { ...next, paddedMissing: next.paddedMissing || trial.paddedMissing };
  // SQL and the guess may differ on an odd cell (a 31 February): then the column is text.
  const stuck = sameStorage(merged.storage, trial.storage) && merged.paddedMissing === trial.paddedMissing;
  return stuck ? { ...merged, storage: { type: 'text' }, settled: true } : merged;
}

function sameStorage(a: ColumnStorage, b: ColumnStorage): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The text of a column with its missing cells as NULL. */
export function readCell(column: { readonly paddedMissing: boolean; readonly index: number }): string {
  const text = cell(column.index);
  return column.paddedMissing ? `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${text} END` : text;
}

/** The cell, read as the type and spelled again, is the same text. */
function sameSql(storage: ColumnStorage, text: string): string {
  return `coalesce(${spellSql(storage, parseSql(storage, text))} = ${text}, false)`;
}

/** The cell is a value of the type, however it is spelled. */
function fitsSql(storage: ColumnStorage, text: string): string {
  const same = sameSql(storage, text);
  switch (storage.type) {
    case 'integer':
      return `CASE WHEN ${same} THEN true ELSE regexp_full_match(${text}, '\\s*[+-]?(0|[1-9][0-9]*)\\s*') AND ${parseSql(storage, text)} IS NOT NULL END`;
    case 'double':
      return `CASE WHEN ${same} THEN true ELSE regexp_full_match(${text}, '(?i)\\s*[+-]?inf(inity)?\\s*|${storage.comma ? COMMA_NUMBER : POINT_NUMBER}')
        AND NOT regexp_full_match(${text}, '\\s*[+-]?0[0-9]+\\s*') END`;
    case 'date':
    case 'timestamp':
      return `${parseSql(storage, text)} IS NOT NULL`;
    default:
      return same;
  }
}
