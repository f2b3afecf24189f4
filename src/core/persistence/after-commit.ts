import { type DataSource, type EntityManager, type QueryRunner } from 'typeorm';

const pending = new WeakMap<QueryRunner, (() => void)[]>();

/**
 * Runs `effect` when the transaction of `manager` has been committed, never if it was rolled back; at once where
 * there is no transaction. For wake-ups and events alone: a crash between the commit and the effect loses it.
 */
export function afterCommit(manager: EntityManager, effect: () => void): void {
  const runner = manager.queryRunner;
  if (runner === undefined || !runner.isTransactionActive) {
    effect();
    return;
  }
  const effects = pending.get(runner);
  if (effects === undefined) pending.set(runner, [effect]);
  else effects.push(effect);
}

/** Called once for each data source: makes it keep the promise of {@link afterCommit}. */
export function watchCommits(dataSource: DataSource): void {
  dataSource.subscribers.push({
    afterTransactionCommit({ queryRunner }) {
      // A savepoint that is released is no commit yet.
      if (queryRunner.isTransactionActive) return;
      const effects = pending.get(queryRunner) ?? [];
      pending.delete(queryRunner);
      // Out of the transaction's own call, which still holds the writer.
      if (effects.length > 0) setImmediate(() => effects.forEach((effect) => effect()));
    },
    afterTransactionRollback({ queryRunner }) {
      if (!queryRunner.isTransactionActive) pending.delete(queryRunner);
    },
  });
}
