import type { Database } from './database.js';
import { type ColumnStorage, decimalCommaOf } from './description.js';
import { guessStorage } from './guess-storage.js';
import { MISSING_SPELLINGS } from './missing.js';
import { cell } from './sql.js';
import { type Finding, type Reading, sameReading, tryReadings } from './try-readings.js';

export interface DecidedColumn extends Reading {
  /** Some cells are spelled otherwise than `spellSql` would. */
  readonly keepsSpelling: boolean;
  /** Cells that are not missing: the first ones, and then some that told what the column is not. */
  readonly seen: readonly string[];
}

interface Trial extends DecidedColumn {
  /** Some cell's comma can be nothing but a decimal one. */
  readonly provesComma: boolean;
  readonly settled: boolean;
}

const SAMPLE_ROWS = 2000;
const SAMPLE_CELLS = 200_000;

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
): Promise<readonly DecidedColumn[]> {
  const guess: Guess = (texts, index) => guessTrial(texts, index, decimalCommas);
  const trials = (await firstCells(database, relation, columnCount)).map(guess);
  for (;;) {
    const open = trials.filter(({ settled }) => !settled);
    if (open.length === 0) return settleCommas(trials);
    const findings = await tryReadings(database, relation, open);
    for (const [i, trial] of open.entries()) trials[trial.index] = judge(trial, findings[i]!, guess);
  }
}

async function firstCells(database: Database, relation: string, columnCount: number): Promise<string[][]> {
  const rowCount = Math.max(100, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columnCount)));
  const cells = Array.from({ length: columnCount }, (_, i) => cell(i)).join(', ');
  // A row as one text: a hundred rows of 5,000 cells take the driver a second.
  const rows = await database.rows(`SELECT CAST(to_json([${cells}]) AS VARCHAR) FROM ${relation} LIMIT ${rowCount}`);
  const columns = Array.from({ length: columnCount }, (): string[] => []);
  for (const [row] of rows) {
    for (const [i, text] of (JSON.parse(String(row)) as (string | null)[]).entries()) {
      if (text !== null) columns[i]!.push(text);
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

/** Nothing contradicts text: it is settled. */
function guessTrial(texts: readonly string[], index: number, decimalCommas: boolean): Trial {
  const seen = texts.filter((text) => !isPaddedMissing(text));
  const paddedMissing = seen.length < texts.length;
  const storage = guessStorage(seen, decimalCommas);
  const settled = storage.type === 'text';
  return { index, seen, storage, keepsSpelling: false, paddedMissing, provesComma: false, settled };
}

function isPaddedMissing(text: string): boolean {
  return (MISSING_SPELLINGS as readonly string[]).includes(text.trim());
}

function judge(trial: Trial, { present, fitting, same, proving, against }: Finding, guess: Guess): Trial {
  if (fitting === present) {
    return { ...trial, keepsSpelling: same < present, provesComma: proving > 0, settled: true };
  }
  const next = guess([...trial.seen, ...against], trial.index);
  const merged = { ...next, paddedMissing: next.paddedMissing || trial.paddedMissing };
  // SQL and the guess may differ on an odd cell (a 31 February): then the column is text.
  return sameReading(merged, trial) ? { ...merged, storage: { type: 'text' }, settled: true } : merged;
}
