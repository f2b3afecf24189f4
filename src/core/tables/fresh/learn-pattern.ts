import type { Database } from '../database.js';
import type { ColumnStorage } from '../description.js';
import type { PersonalDataKind } from '../personal-data.js';
import type { StoredFacts } from '../stored-facts.js';
import { cellsOf, FEW_ROWS } from '../many-columns.js';
import { cell, literal } from '../sql.js';
import { DIGIT, type FillPattern, HEX, LOWER, UPPER, type WeightedMask } from './fill-pattern.js';
import { ValueFilter } from './value-filter.js';

export interface SetAsideColumn {
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

/** How the cells of text or integer columns look, of the rows in a Parquet file. */
export async function learnPatterns(
  database: Database,
  path: string,
  columns: readonly SetAsideColumn[],
  rowCount: number,
): Promise<FillPattern[]> {
  const texts = columns.filter(({ storage }) => storage.type !== 'integer');
  const together = rowCount <= FEW_ROWS && texts.length > 1;
  const relation = together ? await takeOut(database, path, texts) : literal(path);
  const masks = new Map<SetAsideColumn, readonly WeightedMask[]>();
  for (const group of together ? [texts] : texts.map((column) => [column])) {
    const learned = await learnMasks(database, relation, group);
    for (const [k, column] of group.entries()) masks.set(column, learned[k]!);
  }
  const patterns: FillPattern[] = [];
  for (const column of columns) {
    const learned = masks.get(column);
    patterns.push(
      learned === undefined
        ? integersBeyond(column.facts)
        : { type: 'masks', masks: learned, avoid: (await filterOf(database, relation, column)).encode() },
    );
  }
  return patterns;
}

/** Few rows of several columns leave their file, which costs more to open for each column than to read. */
async function takeOut(database: Database, path: string, columns: readonly SetAsideColumn[]): Promise<string> {
  const cells = columns.map(({ index }) => cell(index)).join(', ');
  await database.run(`CREATE TEMP TABLE set_aside AS SELECT ${cells} FROM ${literal(path)}`);
  return 'set_aside';
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

/** Of one column, or of several with few rows: to compile the patterns takes longer than to match them. */
async function learnMasks(
  database: Database,
  relation: string,
  columns: readonly SetAsideColumn[],
): Promise<WeightedMask[][]> {
  const names = columns.map(({ index }) => cell(index));
  const [name] = names;
  const few = `(SELECT ${name} FROM ${relation} WHERE ${name} IS NOT NULL LIMIT ${SHAPE_ROWS})`;
  const cells = cellsOf(columns.length === 1 ? few : relation, names);
  const spans = (await database.rows(
    `SELECT count(v), count(*) FILTER (regexp_full_match(v, '(?i)${UUID}')), min(v), max(v) FROM ${cells} GROUP BY c ORDER BY c`,
  )) as [string, string, string, string][];
  const prefixes = spans.map(([total, , least, greatest]) =>
    Number(total) >= COMMON ? literalPrefix(least, greatest) : '',
  );
  const starts = prefixes.map((prefix) => [...prefix].length + 1).join(', ');
  const shapes = columns.map((): WeightedMask[] => []);
  for (const [c, shape, count] of await database.rows(
    `SELECT c, ${shapeSql(`substr(v, [${starts}][c + 1])`)} AS shape, count(*) AS n FROM ${cells} WHERE v IS NOT NULL
      GROUP BY c, shape HAVING n >= ${COMMON}
      QUALIFY row_number() OVER (PARTITION BY c ORDER BY n DESC, shape) <= ${MOST_SHAPES} ORDER BY c, n DESC, shape`,
  )) {
    shapes[Number(c)]!.push({ mask: prefixes[Number(c)]! + String(shape), weight: Number(count) });
  }
  return columns.map(({ facts, personalData }, c) => {
    const [total, uuids] = spans[c]!;
    if (personalData === 'email') return [{ mask: `${LOWER.repeat(10)}@example.com`, weight: 1 }];
    if (total === uuids) return [{ mask: uuidMask(), weight: 1 }];
    return shapes[c]!.length > 0 ? shapes[c]! : [{ mask: words(facts.meanLength ?? 8), weight: 1 }];
  });
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

async function filterOf(database: Database, relation: string, { index, facts }: SetAsideColumn): Promise<ValueFilter> {
  const filter = ValueFilter.forCount(facts.distinct);
  for await (const chunk of database.chunks(`SELECT DISTINCT ${cell(index)} FROM ${relation}`)) {
    for (const value of chunk.getColumnValues(0)) if (value !== null) filter.add(String(value));
  }
  return filter;
}
