// Writes the migration that brings the tables to what the entities say: `npm run build`, then
// `npx node scripts/make-migration.mjs add-webhooks`. Read it over, then list it in migrations/index.ts.
import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, schemaDrift } from '../dist/core/persistence/index.js';

const name = process.argv[2];
if (!/^[a-z][a-z0-9-]*$/.test(name ?? '')) throw new Error('Give the migration a name in kebab case');

const dataDir = await mkdtemp(join(tmpdir(), 'migration-'));
const dataSource = await createDataSource({ dataDir }, { info() {} });
const { up, down } = await schemaDrift(dataSource);
await dataSource.destroy();
await rm(dataDir, { recursive: true });
if (up.length === 0) throw new Error('The entities and the migrations agree: there is nothing to write');

const time = Date.now();
const className = name.replace(/(^|-)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase()) + time;
const statements = (queries) => queries.map((query) => `    await queryRunner.query(\`${query}\`);`).join('\n');
const file = new URL(`../src/core/persistence/migrations/${time}-${name}.ts`, import.meta.url);
await writeFile(
  file,
  `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
${statements(up)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${statements(down)}
  }
}
`,
);
console.log(`Wrote ${file.pathname}`);
