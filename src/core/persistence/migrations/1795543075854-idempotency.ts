import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Idempotency1795543075854 implements MigrationInterface {
  readonly name = 'Idempotency1795543075854';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "idempotent_request" ("id" varchar PRIMARY KEY NOT NULL, "fingerprint" varchar, "status" integer, "headers" text, "body" text, "expiresAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_c49dfec4d3a367da19661d684b" ON "idempotent_request" ("expiresAt") `);
    await queryRunner.query(`CREATE TABLE "idempotent_effect" ("id" varchar PRIMARY KEY NOT NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "idempotent_effect"`);
    await queryRunner.query(`DROP INDEX "IDX_c49dfec4d3a367da19661d684b"`);
    await queryRunner.query(`DROP TABLE "idempotent_request"`);
  }
}
