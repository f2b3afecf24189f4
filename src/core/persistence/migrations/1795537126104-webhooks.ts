import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Webhooks1795537126104 implements MigrationInterface {
  readonly name = 'Webhooks1795537126104';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "webhook_delivery" ("id" varchar(36) PRIMARY KEY NOT NULL, "webhookId" varchar(36) NOT NULL, "ownerId" varchar(36) NOT NULL, "type" varchar NOT NULL, "body" text NOT NULL, "status" varchar NOT NULL, "attempts" text NOT NULL, "failures" integer NOT NULL, "dueAt" bigint NOT NULL, "retryUntil" bigint NOT NULL, "claimId" varchar(36), "createdAt" bigint NOT NULL, "completedAt" bigint)`,
    );
    await queryRunner.query(
      `CREATE INDEX "IDX_6d1e394546deaf7b36c817ea79" ON "webhook_delivery" ("webhookId", "createdAt", "id") `,
    );
    await queryRunner.query(`CREATE INDEX "IDX_5be2b71a6a1fa2fa899555c378" ON "webhook_delivery" ("status", "dueAt") `);
    await queryRunner.query(
      `CREATE TABLE "webhook" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "url" text NOT NULL, "events" text NOT NULL, "enabled" boolean NOT NULL, "disabledReason" text, "secret" text NOT NULL, "previousSecret" text, "previousSecretExpiresAt" bigint, "createdAt" bigint NOT NULL, "updatedAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_3ef1d5a502a1982a0536077075" ON "webhook" ("ownerId", "id") `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_3ef1d5a502a1982a0536077075"`);
    await queryRunner.query(`DROP TABLE "webhook"`);
    await queryRunner.query(`DROP INDEX "IDX_5be2b71a6a1fa2fa899555c378"`);
    await queryRunner.query(`DROP INDEX "IDX_6d1e394546deaf7b36c817ea79"`);
    await queryRunner.query(`DROP TABLE "webhook_delivery"`);
  }
}
