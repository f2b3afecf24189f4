import type { TableSource } from '../../tables.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness } from '../generator-harness.js';
import { oddTables } from '../standard-tables.js';
import { checkKinds } from './kinds.js';

export function oddTableCases(harness: GeneratorHarness): ConformanceCase[] {
  return [...oddTables(harness.tableOptions)].map(([what, table]) => ({
    name: `a table with ${what} is learned, or refused before the start`,
    async run() {
      if (refusedBeforehand(harness, table)) return;
      await harness.withModel({ table }, async (model) => {
        checkKinds(await harness.sample(model, { rowCount: 50 }, table), table);
      });
    },
  }));
}

function refusedBeforehand(harness: GeneratorHarness, table: TableSource): boolean {
  const issues = harness.plugin.preflight?.(table.schema, table.profile, harness.parse() as never) ?? [];
  return issues.some(({ severity }) => severity === 'error');
}
