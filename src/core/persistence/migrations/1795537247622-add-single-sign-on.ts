import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddSingleSignOn1795537247622 implements MigrationInterface {
  readonly name = 'AddSingleSignOn1795537247622';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "identity" ("id" varchar(36) PRIMARY KEY NOT NULL, "issuer" varchar NOT NULL, "subject" varchar NOT NULL, "userId" varchar(36) NOT NULL, "emailVerified" boolean NOT NULL, "createdAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_12915039d2868ab654567bf518" ON "identity" ("userId") `);
    await queryRunner.query(
      `CREATE UNIQUE INDEX "IDX_3ed292ae6d8604024a7ab431e6" ON "identity" ("issuer", "subject") `,
    );
    await queryRunner.query(
      `CREATE TABLE "used_once" ("id" varchar(64) PRIMARY KEY NOT NULL, "expiresAt" bigint NOT NULL)`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_be10a7a0cbd8f6711e801e77d1" ON "used_once" ("expiresAt") `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "IDX_be10a7a0cbd8f6711e801e77d1"`);
    await queryRunner.query(`DROP TABLE "used_once"`);
    await queryRunner.query(`DROP INDEX "IDX_3ed292ae6d8604024a7ab431e6"`);
    await queryRunner.query(`DROP INDEX "IDX_12915039d2868ab654567bf518"`);
    await queryRunner.query(`DROP TABLE "identity"`);
  }
}
