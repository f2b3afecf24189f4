import type { DataSource } from 'typeorm';

export interface SchemaDrift {
  /** SQL that would bring the tables to the entities, and back. Empty when the migrations say all. */
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** What the entities have that the migrated tables have not. */
export async function schemaDrift(dataSource: DataSource): Promise<SchemaDrift> {
  const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
  return { up: upQueries.map(({ query }) => query), down: downQueries.map(({ query }) => query).toReversed() };
}
