import type { Database } from './database.js';
import type { DecidedColumn } from './decide-storage.js';
import type { ColumnStorage, StoredColumn } from './description.js';
import { learnPatterns } from './fresh/learn-pattern.js';
import { detectPersonalData } from './personal-data.js';
import { proposeKind } from './propose-kind.js';
import { cell, literal } from './sql.js';
import { readFacts, type StoredFacts } from './stored-facts.js';

/** Cells that are looked at for personal data. */
const LOOKED_AT = 200;
const COLUMNS_AT_ONCE = 250;

/** Describes the stored rows of an upload: facts, proposed kinds, patterns of what will be set aside. */
export async function describeColumns(
  database: Database,
  path: string,
  names: readonly string[],
  rowCount: number,
  columns: readonly DecidedColumn[],
): Promise<StoredColumn[]> {
  const storages = columns.map(({ storage }) => storage);
  const facts = await readFacts(database, path, storages, rowCount);
  const increasing = await increasingColumns(database, path, storages, facts);
  const proposals = columns.map(({ storage, seen }, index) => {
    const name = names[index]!;
    const examples = seen.slice(0, LOOKED_AT);
    const personalData = detectPersonalData(name, examples);
    const evidence = { name, storage, facts: facts[index]!, personalData, increasing: increasing.has(index) };
    return { personalData, kind: proposeKind({ ...evidence, meanWords: meanWords(examples) }) };
  });
  const setAside = columns.flatMap(({ storage }, index) => {
    const { kind, personalData } = proposals[index]!;
    const isSetAside = kind === 'identifier' || kind === 'text';
    return isSetAside ? [{ index, storage, facts: facts[index]!, personalData }] : [];
  });
  const patterns = await learnPatterns(database, path, setAside, rowCount);
  const fills = new Map(setAside.map(({ index }, k) => [index, patterns[k]!]));
  return columns.map(({ storage, keepsSpelling }, index) => {
    const { kind, personalData } = proposals[index]!;
    const fill = fills.get(index);
    return {
      name: names[index]!,
      storage,
      kind,
      keepsSpelling,
      ...columnFacts(facts[index]!, rowCount),
      ...(fill !== undefined && { fill }),
      ...(personalData !== null && { personalData }),
    };
  });
}

/** The facts that a description tells of a column. */
export function columnFacts(facts: StoredFacts, rowCount: number) {
  const { present, distinct, minimum, maximum, decimalPlaces } = facts;
  return {
    nullable: present < rowCount,
    missingFraction: rowCount === 0 ? 0 : 1 - present / rowCount,
    distinctCount: distinct,
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(decimalPlaces !== undefined && { decimalPlaces }),
  };
}

/** Integer columns of which each cell is greater than the one before it. */
async function increasingColumns(
  database: Database,
  path: string,
  storages: readonly ColumnStorage[],
  facts: readonly StoredFacts[],
): Promise<Set<number>> {
  const distinct = [...facts.keys()].filter((i) => {
    return storages[i]!.type === 'integer' && facts[i]!.present > 1 && facts[i]!.distinct === facts[i]!.present;
  });
  const increasing = new Set<number>();
  for (let start = 0; start < distinct.length; start += COLUMNS_AT_ONCE) {
    const part = distinct.slice(start, start + COLUMNS_AT_ONCE);
    const steps = part.map((i) => `${cell(i)} - lag(${cell(i)}) OVER () AS ${cell(i)}`).join(', ');
    const least = part.map((i) => `min(sign(${cell(i)}))`).join(', ');
    const row = await database.row(`SELECT ${least} FROM (SELECT ${steps} FROM ${literal(path)})`);
    for (const [k, sign] of row.entries()) if (Number(sign) > 0) increasing.add(part[k]!);
  }
  return increasing;
}

function meanWords(texts: readonly string[]): number {
  const words = texts.reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0);
  return texts.length === 0 ? 0 : words / texts.length;
}
