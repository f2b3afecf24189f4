import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, In, LessThanOrEqual, MoreThan } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { RateCount } from './rate-count.entity.js';

/** Few enough that a statement stays within any database's number of parameters. */
const ROWS_A_STATEMENT = 200;

/** The counts that the processes share, and that outlive them. */
@scoped(Lifecycle.ContainerScoped)
export class RateCounts {
  constructor(@inject(DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** All that still count. */
  live(now: number): Promise<RateCount[]> {
    return this.dataSource.getRepository(RateCount).findBy({ expiresAt: MoreThan(new Date(now)) });
  }

  /** Adds what this process has counted and returns what all have, of the same keys, in one step. */
  exchange(added: readonly RateCount[], now: number): Promise<RateCount[]> {
    return this.dataSource.transaction(async (manager) => {
      const totals: RateCount[] = [];
      for (let i = 0; i < added.length; i += ROWS_A_STATEMENT) {
        const rows = added.slice(i, i + ROWS_A_STATEMENT);
        await add(manager, rows);
        const keys = [...new Set(rows.map(({ key }) => key))];
        totals.push(...(await manager.findBy(RateCount, { key: In(keys), expiresAt: MoreThan(new Date(now)) })));
      }
      return totals;
    });
  }

  async deleteExpired(now: number): Promise<void> {
    await this.dataSource.getRepository(RateCount).delete({ expiresAt: LessThanOrEqual(new Date(now)) });
  }
}

/** An upsert that adds is beyond TypeORM's builder; SQLite and PostgreSQL write it alike. */
async function add(manager: EntityManager, rows: readonly RateCount[]): Promise<void> {
  const { driver } = manager.connection;
  const parameters = rows.flatMap(({ key, slot, count, expiresAt }) => [key, slot, count, expiresAt.getTime()]);
  const places = parameters.map((_, i) => driver.createParameter(`p${i}`, i));
  const values = rows.map((_, i) => `(${places.slice(4 * i, 4 * i + 4).join(', ')})`);
  await manager.query(
    `INSERT INTO "rate_count" ("key", "slot", "count", "expiresAt") VALUES ${values.join(', ')}
     ON CONFLICT ("key", "slot") DO UPDATE SET "count" = "rate_count"."count" + excluded."count"`,
    parameters,
  );
}
