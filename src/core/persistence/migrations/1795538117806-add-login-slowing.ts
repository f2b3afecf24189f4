import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddLoginSlowing1795538117806 implements MigrationInterface {
  readonly name = 'AddLoginSlowing1795538117806';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "known_address" ("key" varchar(64) PRIMARY KEY NOT NULL, "lastSeenAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_389ad409d79fc3d5a3b739fc58" ON "known_address" ("lastSeenAt") `);
    await queryRunner.query(
      `CREATE TABLE "login_failures" ("key" varchar(64) PRIMARY KEY NOT NULL, "failures" integer NOT NULL, "lastFailureAt" bigint NOT NULL, "retryAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_af173a91bc4ca1aa0dad312358" ON "login_failures" ("lastFailureAt") `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_af173a91bc4ca1aa0dad312358"`);
    await queryRunner.query(`DROP TABLE "login_failures"`);
    await queryRunner.query(`DROP INDEX "IDX_389ad409d79fc3d5a3b739fc58"`);
    await queryRunner.query(`DROP TABLE "known_address"`);
  }
}
