/** What SQLite takes as a parameter; booleans and dates become integers, undefined becomes null. */
export type SqliteValue = null | number | string | bigint | Uint8Array;

export interface StatementResult {
  readonly changes: number;
  readonly lastInsertRowId: number;
  readonly rows: readonly unknown[];
}

/** One handle on the database file, used by one query runner at a time. */
export interface SqliteConnection {
  execute(sql: string, parameters: readonly SqliteValue[]): Promise<StatementResult>;
  close(): Promise<void>;
}

export interface SqliteDriver {
  readonly name: 'sqlite3' | 'node:sqlite';
  open(file: string): Promise<SqliteConnection>;
}

export function toSqliteValue(value: unknown): SqliteValue {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Date) return value.getTime();
  return value as SqliteValue;
}

/** Statements that report a count of rows instead of the rows themselves. */
export function isWrite(sql: string): boolean {
  return /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i.test(sql) && !/\bRETURNING\b/i.test(sql);
}

const CACHED_STATEMENTS = 256;

/** Prepared statements by their text; the least recently used ones are finalised. */
export class StatementCache<Statement> {
  readonly #statements = new Map<string, Statement>();

  constructor(private readonly finalise: (statement: Statement) => void) {}

  get(sql: string): Statement | undefined {
    const statement = this.#statements.get(sql);
    if (statement === undefined) return undefined;
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  add(sql: string, statement: Statement): Statement {
    this.#statements.set(sql, statement);
    if (this.#statements.size > CACHED_STATEMENTS) {
      const [oldest, discarded] = this.#statements.entries().next().value as [string, Statement];
      this.#statements.delete(oldest);
      this.finalise(discarded);
    }
    return statement;
  }

  clear(): void {
    for (const statement of this.#statements.values()) this.finalise(statement);
    this.#statements.clear();
  }
}
