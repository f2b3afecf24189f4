import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RunOptions1795538173374 implements MigrationInterface {
  readonly name = 'RunOptions1795538173374';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "run_option" ("id" varchar(36) PRIMARY KEY NOT NULL, "distribution" text, "baseModelId" varchar(36))`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "run_option"`);
  }
}
