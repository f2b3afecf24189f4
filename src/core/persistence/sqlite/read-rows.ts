import type { EntityManager } from 'typeorm';
import type { PooledQueryRunner } from './pooled-query-runner.js';

export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs a statement that only reads: in the manager's transaction where it has one, on a reader otherwise. */
export async function readRows(manager: EntityManager, text: string, values: readonly unknown[]): Promise<SqlRow[]> {
  if (manager.queryRunner !== undefined) return manager.queryRunner.query(text, [...values]);
  // The only runners that a data source of ours makes.
  const runner = manager.connection.createQueryRunner('slave') as PooledQueryRunner;
  try {
    return await runner.read(text, values);
  } finally {
    await runner.release();
  }
}
