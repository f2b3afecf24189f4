import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Shares were of one column, and are of a list of columns. */
export class SharesOfColumns1795966200000 implements MigrationInterface {
  readonly name = 'SharesOfColumns1795966200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE "run_option" SET "distribution" = '[' || "distribution" || ']' WHERE "distribution" LIKE '{%'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE "run_option" SET "distribution" = substr("distribution", 2, length("distribution") - 2) WHERE "distribution" LIKE '[%'`,
    );
  }
}
