import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Initial1795527133829 implements MigrationInterface {
  readonly name = 'Initial1795527133829';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "refresh_token" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "familyId" varchar(36) NOT NULL, "tokenHash" varchar NOT NULL, "expiresAt" bigint NOT NULL, "usedAt" bigint, "revokedAt" bigint, "createdAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_8e913e288156c133999341156a" ON "refresh_token" ("userId") `);
    await queryRunner.query(`CREATE INDEX "IDX_b803086815f2d539fe7a0349d1" ON "refresh_token" ("familyId") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "IDX_204f27bcee2b705b8230beaf41" ON "refresh_token" ("tokenHash") `);
    await queryRunner.query(
      `CREATE TABLE "user_account" ("id" varchar(36) PRIMARY KEY NOT NULL, "email" varchar NOT NULL, "name" varchar, "role" varchar NOT NULL, "passwordHash" varchar NOT NULL, "createdAt" bigint NOT NULL, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "IDX_56a0e4bcec2b5411beafa47ffa" ON "user_account" ("email") `);
    await queryRunner.query(
      `CREATE TABLE "dataset" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "name" varchar NOT NULL, "description" text, "originalFilename" varchar NOT NULL, "format" varchar NOT NULL, "sizeBytes" bigint NOT NULL, "rowCount" bigint NOT NULL, "columnCount" integer NOT NULL, "columns" text NOT NULL, "columnOverrides" text NOT NULL, "origin" varchar NOT NULL, "checksum" varchar NOT NULL, "createdAt" bigint NOT NULL, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(
      `CREATE INDEX "IDX_9d1191c87e821af285933cc45f" ON "dataset" ("ownerId", "updatedAt", "id") `,
    );
    await queryRunner.query(
      `CREATE TABLE "job" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "kind" varchar NOT NULL, "subjectId" varchar(36) NOT NULL, "status" varchar NOT NULL, "attempts" integer NOT NULL, "phase" varchar, "progress" float NOT NULL, "epoch" integer, "epochs" integer, "etaSeconds" float, "metrics" text, "error" text, "workerId" varchar, "cancelRequested" boolean NOT NULL, "heartbeatAt" bigint, "createdAt" bigint NOT NULL, "startedAt" bigint, "completedAt" bigint, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_e9b8962a52c5d197969f5c2eb3" ON "job" ("subjectId") `);
    await queryRunner.query(`CREATE INDEX "IDX_bac37f13b06c08534012dc3607" ON "job" ("status") `);
    await queryRunner.query(`CREATE INDEX "IDX_cf65e66350f706f164bffde04c" ON "job" ("ownerId", "status") `);
    await queryRunner.query(
      `CREATE TABLE "evaluation" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "generatorId" varchar(36) NOT NULL, "datasetId" varchar(36) NOT NULL, "evaluators" text NOT NULL, "targetColumn" varchar, "sensitiveColumns" text NOT NULL, "seed" bigint NOT NULL, "scores" text, "jobId" varchar(36) NOT NULL, "createdAt" bigint NOT NULL, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_c49814620d98945d6f97fef6d3" ON "evaluation" ("generatorId") `);
    await queryRunner.query(`CREATE INDEX "IDX_8d444b677c2348e5e035998b36" ON "evaluation" ("jobId") `);
    await queryRunner.query(
      `CREATE INDEX "IDX_8c954854ef3b659d5d3221d44e" ON "evaluation" ("ownerId", "createdAt", "id") `,
    );
    await queryRunner.query(
      `CREATE TABLE "model" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "datasetId" varchar(36) NOT NULL, "datasetChecksum" varchar NOT NULL, "pluginId" varchar NOT NULL, "pluginVersion" varchar NOT NULL, "artefactVersion" integer NOT NULL, "config" text NOT NULL, "columnOverrides" text NOT NULL, "seed" bigint NOT NULL, "holdoutFraction" float NOT NULL, "summary" text NOT NULL, "createdAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_5b956655bd4c7e9e7111abd81e" ON "model" ("ownerId") `);
    await queryRunner.query(`CREATE INDEX "IDX_2337170d43e48d17573ab61564" ON "model" ("datasetId") `);
    await queryRunner.query(
      `CREATE TABLE "generator" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "datasetId" varchar(36) NOT NULL, "generatorType" varchar NOT NULL, "name" varchar, "numRows" bigint NOT NULL, "seed" bigint NOT NULL, "seedGiven" boolean NOT NULL, "config" text NOT NULL, "conditions" text NOT NULL, "warnings" text NOT NULL, "holdoutFraction" float NOT NULL, "modelId" varchar(36), "outputDatasetId" varchar(36), "jobId" varchar(36) NOT NULL, "createdAt" bigint NOT NULL, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_8d1f6c03fe6554aa83d19ae3be" ON "generator" ("datasetId") `);
    await queryRunner.query(`CREATE INDEX "IDX_eaa9b2bd02f0ea089a7b6e702b" ON "generator" ("modelId") `);
    await queryRunner.query(`CREATE INDEX "IDX_4d2dd6f0de1d0b858eb1044f1d" ON "generator" ("jobId") `);
    await queryRunner.query(
      `CREATE INDEX "IDX_84ad86689d3bffc97765d4f12a" ON "generator" ("ownerId", "createdAt", "id") `,
    );
    await queryRunner.query(
      `CREATE TABLE "queue_entry" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar NOT NULL, "type" varchar NOT NULL, "priority" integer NOT NULL, "disabled" boolean NOT NULL, "data" text, "schedule" text, "uniqueKey" varchar, "progress" float, "failCount" integer, "failReason" text, "lastModifiedBy" varchar, "nextRunAt" bigint, "lockedAt" bigint, "lastRunAt" bigint, "lastFinishedAt" bigint, "failedAt" bigint)`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "IDX_d791e7d6af7bdcf6f519c9fdd6" ON "queue_entry" ("uniqueKey") `);
    await queryRunner.query(`CREATE INDEX "IDX_65332104d8ef94137dadfbc0ca" ON "queue_entry" ("lockedAt") `);
    await queryRunner.query(
      `CREATE INDEX "IDX_757ace8775e9df1e1eb2e3c48b" ON "queue_entry" ("name", "disabled", "nextRunAt") `,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_757ace8775e9df1e1eb2e3c48b"`);
    await queryRunner.query(`DROP INDEX "IDX_65332104d8ef94137dadfbc0ca"`);
    await queryRunner.query(`DROP INDEX "IDX_d791e7d6af7bdcf6f519c9fdd6"`);
    await queryRunner.query(`DROP TABLE "queue_entry"`);
    await queryRunner.query(`DROP INDEX "IDX_84ad86689d3bffc97765d4f12a"`);
    await queryRunner.query(`DROP INDEX "IDX_4d2dd6f0de1d0b858eb1044f1d"`);
    await queryRunner.query(`DROP INDEX "IDX_eaa9b2bd02f0ea089a7b6e702b"`);
    await queryRunner.query(`DROP INDEX "IDX_8d1f6c03fe6554aa83d19ae3be"`);
    await queryRunner.query(`DROP TABLE "generator"`);
    await queryRunner.query(`DROP INDEX "IDX_2337170d43e48d17573ab61564"`);
    await queryRunner.query(`DROP INDEX "IDX_5b956655bd4c7e9e7111abd81e"`);
    await queryRunner.query(`DROP TABLE "model"`);
    await queryRunner.query(`DROP INDEX "IDX_8c954854ef3b659d5d3221d44e"`);
    await queryRunner.query(`DROP INDEX "IDX_8d444b677c2348e5e035998b36"`);
    await queryRunner.query(`DROP INDEX "IDX_c49814620d98945d6f97fef6d3"`);
    await queryRunner.query(`DROP TABLE "evaluation"`);
    await queryRunner.query(`DROP INDEX "IDX_cf65e66350f706f164bffde04c"`);
    await queryRunner.query(`DROP INDEX "IDX_bac37f13b06c08534012dc3607"`);
    await queryRunner.query(`DROP INDEX "IDX_e9b8962a52c5d197969f5c2eb3"`);
    await queryRunner.query(`DROP TABLE "job"`);
    await queryRunner.query(`DROP INDEX "IDX_9d1191c87e821af285933cc45f"`);
    await queryRunner.query(`DROP TABLE "dataset"`);
    await queryRunner.query(`DROP INDEX "IDX_56a0e4bcec2b5411beafa47ffa"`);
    await queryRunner.query(`DROP TABLE "user_account"`);
    await queryRunner.query(`DROP INDEX "IDX_204f27bcee2b705b8230beaf41"`);
    await queryRunner.query(`DROP INDEX "IDX_b803086815f2d539fe7a0349d1"`);
    await queryRunner.query(`DROP INDEX "IDX_8e913e288156c133999341156a"`);
    await queryRunner.query(`DROP TABLE "refresh_token"`);
  }
}
