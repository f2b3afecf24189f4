import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Operations1795537640582 implements MigrationInterface {
  readonly name = 'Operations1795537640582';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "health_probe" ("id" varchar(36) PRIMARY KEY NOT NULL, "checkedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`ALTER TABLE "job" ADD COLUMN "origin" text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "job" DROP COLUMN "origin"`);
    await queryRunner.query(`DROP TABLE "health_probe"`);
  }
}
