import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RateCounts1795536924327 implements MigrationInterface {
  readonly name = 'RateCounts1795536924327';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "rate_count" ("key" varchar NOT NULL, "slot" bigint NOT NULL, "count" integer NOT NULL, "expiresAt" bigint NOT NULL, PRIMARY KEY ("key", "slot"))`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_1c93601cbaf30ac5f574c830a0" ON "rate_count" ("expiresAt") `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_1c93601cbaf30ac5f574c830a0"`);
    await queryRunner.query(`DROP TABLE "rate_count"`);
  }
}
