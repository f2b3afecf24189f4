import { Brackets, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { invalid } from '../errors/index.js';

/** Either an offset (REST) or the cursor of the item before (GraphQL). */
export interface PageRequest {
  readonly limit: number;
  readonly offset?: number;
  readonly after?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
  /** Counts when asked, and only where the page itself does not tell. */
  total(): Promise<number>;
}

export const DEFAULT_PAGE_SIZE = 100;
export const MAXIMUM_PAGE_SIZE = 1000;

/** `field` is what the door calls the number of items. */
export function checkPageSize(size: number, field: string): number {
  if (Number.isInteger(size) && size >= 1 && size <= MAXIMUM_PAGE_SIZE) return size;
  throw invalid({ field, message: `Must be between 1 and ${MAXIMUM_PAGE_SIZE}`, code: 'range_error' });
}

export interface SortKey<T> {
  readonly column: keyof T & string;
  readonly direction: 'ASC' | 'DESC';
}

/** A place in a list that stays right while rows come and go: the sort key and the id of an item. */
export function encodeCursor(key: Date | number | string, id: string): string {
  const value = key instanceof Date ? key.getTime() : key;
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** After which sort key and id the page begins; undefined for the first one. */
export function placeOf({ after }: PageRequest): readonly [key: number | string, id: string] | undefined {
  return after === undefined ? undefined : decodeCursor(after);
}

function decodeCursor(cursor: string): [number | string, string] {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if ((typeof key === 'number' || typeof key === 'string') && typeof id === 'string') return [key, id];
  } catch {
    // Falls through to the one error for every malformed cursor.
  }
  throw invalid({ field: 'after', message: 'Not a cursor of this list', code: 'invalid_format' });
}

/** Runs a query page by page, in the order of a key and then of the id, so that no two pages overlap. */
export async function findPage<T extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<T>,
  sort: SortKey<T>,
  page: PageRequest,
): Promise<Page<T>> {
  const alias = query.alias;
  const counted = query.clone();
  const place = placeOf(page);
  if (place !== undefined) {
    const [key, id] = place;
    const beyond = sort.direction === 'ASC' ? '>' : '<';
    query.andWhere(
      new Brackets((where) =>
        where
          .where(`${alias}.${sort.column} ${beyond} :key`)
          .orWhere(`(${alias}.${sort.column} = :key AND ${alias}.id ${beyond} :id)`),
      ),
      { key, id },
    );
  }
  const rows = await query
    .orderBy(`${alias}.${sort.column}`, sort.direction)
    .addOrderBy(`${alias}.id`, sort.direction)
    .offset(page.offset ?? 0)
    .limit(page.limit + 1)
    .getMany();
  return pageOf(rows, page, () => counted.getCount());
}

/** Of rows that were asked for with one more than the page holds. `count` counts those of all pages. */
export function pageOf<T>(rows: readonly T[], page: PageRequest, count: () => Promise<number>): Page<T> {
  const offset = page.offset ?? 0;
  const isLast = page.after === undefined && rows.length <= page.limit && (rows.length > 0 || offset === 0);
  return {
    items: rows.slice(0, page.limit),
    hasMore: rows.length > page.limit,
    total: async () => (isLast ? offset + rows.length : count()),
  };
}
