import type { Database } from '../database.js';
import type { ColumnStorage } from '../description.js';
import type { PersonalDataKind } from '../personal-data.js';
import type { StoredFacts } from '../stored-facts.js';
import { cell, literal } from '../sql.js';
import { DIGIT, type FillPattern, HEX, LOWER, UPPER, type WeightedMask } from './fill-pattern.js';
import { ValueFilter } from './value-filter.js';

export interface SetAsideColumn {
  readonly path: string;
  readonly index: number;
  readonly storage: ColumnStorage;
  readonly facts: StoredFacts;
  readonly personalData: PersonalDataKind | null;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Rows whose shapes are counted. */
const SHAPE_ROWS = 100_000;
const MOST_SHAPES = 32;
/** A shape of fewer rows could point at somebody. */
const COMMON = 10;

/** How the cells of a text or integer column look. */
export async function learnPattern(database: Database, column: SetAsideColumn): Promise<FillPattern> {
  if (column.storage.type === 'integer') return integersBeyond(column.facts);
  const masks = await learnMasks(database, column);
  return { type: 'masks', masks, avoid: (await filterOf(database, column)).encode() };
}

/** Integers that nobody has: after the greatest, or before the least where the type ends. */
function integersBeyond(facts: StoredFacts): FillPattern {
  const [least, greatest] = (facts.exact ?? ['0', '0']).map(BigInt) as [bigint, bigint];
  const spread = (greatest - least) / BigInt(Math.max(1, facts.distinct));
  const room = 2n ** 62n - (greatest < 0n ? -greatest : greatest);
  // Room for a billion rows is kept between the greatest and the end of 64 bits.
  const widest = room > 0n ? room / 1_000_000_000n : 1n;
  const step = spread < 1n ? 1n : spread > widest && widest > 0n ? widest : spread;
  const ends = greatest > 2n ** 62n && greatest < 2n ** 63n;
  const [first, direction] = ends ? [least - step, -step] : [greatest + step, step];
  return { type: 'integers', first: String(first), step: String(direction) };
}

async function learnMasks(database: Database, { path, index, facts, personalData }: SetAsideColumn) {
  if (personalData === 'email') return [{ mask: `${LOWER.repeat(10)}@example.com`, weight: 1 }];
  const column = cell(index);
  const cells = `SELECT ${column} AS v FROM ${literal(path)} WHERE ${column} IS NOT NULL LIMIT ${SHAPE_ROWS}`;
  const [total, uuids, least, greatest] = (await database.row(
    `SELECT count(*), count(*) FILTER (regexp_full_match(v, '(?i)${UUID}')), min(v), max(v) FROM (${cells})`,
  )) as [string, string, string, string];
  if (Number(total) === Number(uuids)) return [{ mask: uuidMask(), weight: 1 }];
  const prefix = Number(total) >= COMMON ? literalPrefix(least, greatest) : '';
  const shapes = await database.rows(
    `SELECT ${shapeSql(`substr(v, ${[...prefix].length + 1})`)} AS shape, count(*) AS n FROM (${cells})
      GROUP BY shape HAVING n >= ${COMMON} ORDER BY n DESC, shape LIMIT ${MOST_SHAPES}`,
  );
  const masks = shapes.map(([shape, weight]): WeightedMask => ({
    mask: prefix + String(shape),
    weight: Number(weight),
  }));
  return masks.length > 0 ? masks : [{ mask: words(facts.meanLength ?? 8), weight: 1 }];
}

/** Letters with which every cell begins (what the least and the greatest share, all share), up to the first digit. */
function literalPrefix(least: string, greatest: string): string {
  const [a, b] = [[...least], [...greatest]];
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length] && !/\p{N}/u.test(a[length]!)) length++;
  return a.slice(0, length).join('');
}

/** Letters and digits to their classes; what is left are marks and blanks. */
function shapeSql(text: string): string {
  const classes = [
    ['\\p{N}', DIGIT],
    ['\\p{Lu}', UPPER],
    ['[\\p{L}\\p{M}]', LOWER],
  ] as const;
  return classes.reduce((sql, [pattern, letter]) => {
    return `regexp_replace(${sql}, ${literal(pattern)}, chr(${letter.charCodeAt(0)}), 'g')`;
  }, text);
}

/** Version 4, RFC 9562. */
function uuidMask(): string {
  return [HEX.repeat(8), HEX.repeat(4), `4${HEX.repeat(3)}`, `8${HEX.repeat(3)}`, HEX.repeat(12)].join('-');
}

/** Words of six letters, as long together as the cells are on average. */
function words(meanLength: number): string {
  const count = Math.max(1, Math.min(200, Math.round(meanLength / 7)));
  return meanLength < 14
    ? LOWER.repeat(Math.max(6, Math.round(meanLength)))
    : Array(count).fill(LOWER.repeat(6)).join(' ');
}

async function filterOf(database: Database, { path, index, facts }: SetAsideColumn): Promise<ValueFilter> {
  const filter = ValueFilter.forCount(facts.distinct);
  for await (const chunk of database.chunks(`SELECT DISTINCT ${cell(index)} FROM ${literal(path)}`)) {
    for (const value of chunk.getColumnValues(0)) if (value !== null) filter.add(String(value));
  }
  return filter;
}
