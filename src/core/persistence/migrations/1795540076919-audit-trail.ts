import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditTrail1795540076919 implements MigrationInterface {
  readonly name = 'AuditTrail1795540076919';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "audit_entry" ("sequence" bigint PRIMARY KEY NOT NULL, "time" bigint NOT NULL, "userId" varchar, "action" varchar NOT NULL, "resource" varchar NOT NULL, "status" integer, "durationMs" float, "address" varchar NOT NULL, "userAgent" varchar, "requestId" varchar NOT NULL, "hash" varchar NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_092a614ef5f7e26a0d39b3d745" ON "audit_entry" ("time") `);
    await queryRunner.query(`CREATE INDEX "IDX_e4f71049564ba6a2f38d6a6cfd" ON "audit_entry" ("userId", "sequence") `);
    await queryRunner.query(
      `CREATE TABLE "audit_head" ("id" integer PRIMARY KEY NOT NULL, "sequence" bigint NOT NULL, "hash" varchar NOT NULL, "problem" varchar, "seal" varchar NOT NULL)`,
    );
    await queryRunner.query(
      `CREATE TABLE "audit_intent" ("id" varchar PRIMARY KEY NOT NULL, "time" bigint NOT NULL, "userId" varchar, "action" varchar NOT NULL, "resource" varchar NOT NULL, "address" varchar NOT NULL, "userAgent" varchar, "requestId" varchar NOT NULL)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "audit_intent"`);
    await queryRunner.query(`DROP TABLE "audit_head"`);
    await queryRunner.query(`DROP INDEX "IDX_e4f71049564ba6a2f38d6a6cfd"`);
    await queryRunner.query(`DROP INDEX "IDX_092a614ef5f7e26a0d39b3d745"`);
    await queryRunner.query(`DROP TABLE "audit_entry"`);
  }
}
