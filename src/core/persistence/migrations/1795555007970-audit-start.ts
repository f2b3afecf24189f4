import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditStart1795555007970 implements MigrationInterface {
  readonly name = 'AuditStart1795555007970';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "audit_start" ("id" integer PRIMARY KEY NOT NULL, "sequence" bigint NOT NULL, "hash" varchar NOT NULL, "seal" varchar NOT NULL)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "audit_start"`);
  }
}
