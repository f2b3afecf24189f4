import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  isWrite,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteValue,
  StatementCache,
  type StatementResult,
} from './connection.js';

/** Over Node's own SQLite: nothing to compile; its statements run on the calling thread. Throws where Node has none. */
export function loadNodeSqlite(): SqliteDriver {
  const module = withoutExperimentalWarning(() => process.getBuiltinModule('node:sqlite'));
  if (module === undefined) throw new Error(`Node ${process.version} has no node:sqlite`);
  return { name: 'node:sqlite', open: async (file) => new NodeSqliteConnection(new module.DatabaseSync(file)) };
}

class NodeSqliteConnection implements SqliteConnection {
  readonly #statements = new StatementCache<StatementSync>(() => {});

  constructor(private readonly database: DatabaseSync) {}

  async execute(sql: string, parameters: readonly SqliteValue[]): Promise<StatementResult> {
    const statement = this.#statements.get(sql) ?? this.#statements.add(sql, this.database.prepare(sql));
    if (!isWrite(sql)) {
      const rows = statement.all(...parameters);
      return { changes: rows.length, lastInsertRowId: 0, rows };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { changes: Number(changes), lastInsertRowId: Number(lastInsertRowid), rows: [] };
  }

  async close(): Promise<void> {
    this.#statements.clear();
    this.database.close();
  }
}

/** Older Node calls the module experimental each time it is first loaded; the log says which driver is in use. */
function withoutExperimentalWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) {
      (emitWarning as (...args: unknown[]) => void).call(process, warning, ...rest);
    }
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
