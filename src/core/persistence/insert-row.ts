import type { EntityManager, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';

/** Inserts one whole row. TypeORM's own type takes readonly JSON columns apart and then refuses them. */
export async function insertRow<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: new () => Row,
  row: Omit<Row, 'job' | 'model'>,
): Promise<void> {
  await manager.getRepository(entity).insert(row as unknown as QueryDeepPartialEntity<Row>);
}
