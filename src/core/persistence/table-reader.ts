import type { DataSource, EntityManager, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type Page, pageOf, type PageRequest, placeOf, type SortKey } from './paging.js';
import { readRows, type SqlRow } from './sqlite/read-rows.js';
import { allOf, sql, type SqlPart } from './sql.js';

interface Field<Row> {
  readonly property: keyof Row;
  /** Undefined where the database's value is the entity's. */
  readonly convert: ((value: unknown) => unknown) | undefined;
}

const PACKED = 'packed';
/** Column types whose values TypeORM hands on as they are. */
const PLAIN_TYPES: ReadonlySet<unknown> = new Set(['varchar', 'text', 'int', 'float', 'bigint']);

/**
 * Reads rows of one table as entities, for what nearly every request asks: TypeORM's query builder works a statement out
 * anew each time, which takes several times as long as the database does. Columns, names and conversions are the entity's
 * own. All rows come as one JSON array, since each value that the driver hands over by itself costs a microsecond; where
 * there are floats, which SQLite's JSON rounds, each row comes by itself, its floats beside its array. Only for tables
 * without relations. Conditions quote the names of columns, as in ``sql`"ownerId" = ${ownerId}` ``.
 */
export class TableReader<Row extends ObjectLiteral & { id: string }> {
  #table = '';
  #columns = '';
  /** Those that come as one JSON array, in its order, and those that come by themselves. */
  #packed: readonly Field<Row>[] = [];
  #loose: readonly Field<Row>[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly entity: new () => Row,
  ) {}

  /** The row that meets all the conditions, or null. */
  async one(...conditions: readonly SqlPart[]): Promise<Row | null> {
    const [row] = await this.#select(sql`WHERE ${allOf(conditions)} LIMIT 1`);
    return row ?? null;
  }

  /** The rows that meet the condition, in no order; seen from within the manager's transaction, where it has one. */
  all(condition: SqlPart, manager?: EntityManager): Promise<Row[]> {
    return this.#select(sql`WHERE ${condition}`, manager);
  }

  /** As `findPage` does it. */
  async page(conditions: readonly SqlPart[], sort: SortKey<Row>, page: PageRequest): Promise<Page<Row>> {
    const place = placeOf(page);
    const shown = place === undefined ? conditions : [...conditions, beyond(sort, place)];
    const order = sql.raw(`ORDER BY "${sort.column}" ${sort.direction}, "id" ${sort.direction}`);
    // SQLite plans anew at each use of a statement whose LIMIT is a parameter.
    const limit = sql.raw(String(page.limit + 1));
    const rows = await this.#select(sql`WHERE ${allOf(shown)} ${order} LIMIT ${limit} OFFSET ${page.offset ?? 0}`);
    return pageOf(rows, page, () => this.#count(conditions));
  }

  async #count(conditions: readonly SqlPart[]): Promise<number> {
    const table = sql.raw(this.#table);
    const [row] = await this.#rows(sql`SELECT COUNT(*) AS "count" FROM ${table} WHERE ${allOf(conditions)}`);
    return Number(row!['count']);
  }

  async #select(rest: SqlPart, manager?: EntityManager): Promise<Row[]> {
    if (this.#table === '') this.#describe();
    const [columns, table] = [sql.raw(this.#columns), sql.raw(this.#table)];
    if (this.#loose.length > 0) {
      const rows = await this.#rows(sql`SELECT ${columns} FROM ${table} ${rest}`, manager);
      return rows.map((row) => this.#toEntity(JSON.parse(row[PACKED] as string) as unknown[], row));
    }
    const all = sql`SELECT json_group_array(${columns}) AS ${sql.raw(PACKED)} FROM (SELECT * FROM ${table} ${rest})`;
    const [row] = await this.#rows(all, manager);
    return (JSON.parse(row![PACKED] as string) as unknown[][]).map((values) => this.#toEntity(values));
  }

  #rows({ text, values }: SqlPart, manager?: EntityManager) {
    return readRows(manager ?? this.dataSource.manager, text, values);
  }

  #toEntity(packed: readonly unknown[], loose?: SqlRow): Row {
    const entity = new this.entity();
    for (let i = 0; i < packed.length; i++) set(entity, this.#packed[i]!, packed[i]);
    if (loose !== undefined) for (const field of this.#loose) set(entity, field, loose[field.property as string]);
    return entity;
  }

  #describe(): void {
    const { tableName, columns, relations } = this.dataSource.getMetadata(this.entity);
    if (relations.length > 0) throw new Error(`${tableName} has relations, which a TableReader does not read`);
    const packed = columns.filter(({ type }) => type !== 'float');
    const loose = columns.filter(({ type }) => type === 'float');
    this.#packed = packed.map((column) => this.#fieldOf(column));
    this.#loose = loose.map((column) => this.#fieldOf(column));
    const array = `json_array(${packed.map(asJson).join(', ')})`;
    this.#columns = loose.length === 0 ? array : [`${array} AS ${PACKED}`, ...loose.map(quoted)].join(', ');
    this.#table = `"${tableName}"`;
  }

  #fieldOf(column: ColumnMetadata): Field<Row> {
    return { property: column.propertyName, convert: this.#converterOf(column) };
  }

  #converterOf(column: ColumnMetadata): Field<Row>['convert'] {
    if (column.transformer === undefined && (PLAIN_TYPES.has(column.type) || isJson(column))) return undefined;
    const { driver } = this.dataSource;
    return (value) => driver.prepareHydratedValue(value, column);
  }
}

/** JSON goes into the array as what it is, so that it is parsed with it. */
function asJson(column: ColumnMetadata): string {
  return isJson(column) ? `json(${quoted(column)})` : quoted(column);
}

function isJson({ type }: ColumnMetadata): boolean {
  return type === 'simple-json';
}

function quoted({ databaseName }: ColumnMetadata): string {
  return `"${databaseName}"`;
}

function set<Row>(entity: Row, { property, convert }: Field<Row>, value: unknown): void {
  entity[property] = (convert === undefined ? value : convert(value)) as Row[keyof Row];
}

function beyond<Row>({ column, direction }: SortKey<Row>, [key, id]: readonly [number | string, string]): SqlPart {
  const name = sql.raw(`"${column}"`);
  const sign = sql.raw(direction === 'ASC' ? '>' : '<');
  return sql`(${name} ${sign} ${key} OR (${name} = ${key} AND "id" ${sign} ${id}))`;
}
