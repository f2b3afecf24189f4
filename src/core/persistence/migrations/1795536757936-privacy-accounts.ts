import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PrivacyAccounts1795536757936 implements MigrationInterface {
  readonly name = 'PrivacyAccounts1795536757936';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "privacy_charge" ("id" varchar(36) PRIMARY KEY NOT NULL, "datasetId" varchar(36) NOT NULL, "jobId" varchar(36) NOT NULL, "bounded" boolean NOT NULL, "epsilon" float NOT NULL, "delta" float, "settled" boolean NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_37e00fce13c57e64eb25238733" ON "privacy_charge" ("datasetId") `);
    await queryRunner.query(`ALTER TABLE "dataset" ADD COLUMN "privacyLimit" text`);
    await chargeModels(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "dataset" DROP COLUMN "privacyLimit"`);
    await queryRunner.query(`DROP INDEX "IDX_37e00fce13c57e64eb25238733"`);
    await queryRunner.query(`DROP TABLE "privacy_charge"`);
  }
}

/** The models that are there already have read their datasets too. */
async function chargeModels(queryRunner: QueryRunner): Promise<void> {
  const models = (await queryRunner.query(
    `SELECT m."id", m."datasetId", m."summary", g."jobId", g."seedGiven" FROM "model" m JOIN "generator" g ON g."id" = m."id"`,
  )) as { id: string; datasetId: string; summary: string; jobId: string; seedGiven: number | boolean }[];
  for (const { id, datasetId, summary, jobId, seedGiven } of models) {
    const { privacySpent: spent } = JSON.parse(summary) as { privacySpent: { epsilon: number; delta: number } | null };
    // By statement: the entity may have other columns by the time that this runs.
    const bounded = spent !== null && !seedGiven;
    await queryRunner.query(
      `INSERT INTO "privacy_charge" ("id", "datasetId", "jobId", "bounded", "epsilon", "delta", "settled") VALUES ('${id}', '${datasetId}', '${jobId}', ${bounded}, ${spent?.epsilon ?? 0}, ${spent?.delta ?? 0}, true)`,
    );
  }
}
