import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddApiKeys1795537046828 implements MigrationInterface {
  readonly name = 'AddApiKeys1795537046828';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "api_key" ("id" varchar(36) PRIMARY KEY NOT NULL, "ownerId" varchar(36) NOT NULL, "name" varchar NOT NULL, "scopes" text NOT NULL, "keyHash" varchar NOT NULL, "hint" varchar NOT NULL, "expiresAt" bigint, "lastUsedAt" bigint, "createdAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_74d2236b1de818d00bd3fd0160" ON "api_key" ("ownerId") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "IDX_4aacb7c1641a74534c8a96c4dc" ON "api_key" ("keyHash") `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_4aacb7c1641a74534c8a96c4dc"`);
    await queryRunner.query(`DROP INDEX "IDX_74d2236b1de818d00bd3fd0160"`);
    await queryRunner.query(`DROP TABLE "api_key"`);
  }
}
