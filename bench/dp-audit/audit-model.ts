import type { ColumnSchema, Compute, PrivacySpent } from '../../src/core/plugin-api/index.js';
import { NoisyAnswers } from '../../src/core/plugin-api/privacy/encoding/query.js';
import { memoryArtefacts, tableFromRows, testContext } from '../../src/core/plugin-api/testing/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import type { DpCtganModel } from '../../src/plugins/dp-ctgan/runtime/model.js';
import { CANARIES, canaryName, GUESSES, tossCoins } from './canaries.js';
import { guess, type AuditOutcome } from './one-run-bound.js';

export type ModelSabotage = 'none' | 'exact frequencies';

const BACKGROUND = 2000;
const SCHEMA: readonly ColumnSchema[] = [
  {
    name: 'who',
    kind: 'categorical',
    nullable: false,
    categories: ['nobody', ...Array.from({ length: CANARIES }, (_, i) => canaryName(i))],
  },
];

/**
 * Audits a whole run by what is saved of it: every canary row has a declared category of its own, and its frequency in the
 * model tells how likely it was there.
 */
export async function auditModel(
  compute: Compute,
  budget: PrivacySpent,
  sabotage: ModelSabotage,
): Promise<AuditOutcome> {
  const included = tossCoins();
  const rows = [
    ...Array.from({ length: BACKGROUND }, () => ['nobody']),
    ...[...included.keys()].filter((i) => included[i]).map((i) => [canaryName(i)]),
  ];
  const config = dpCtgan.configSchema.parse({
    epsilon: budget.epsilon,
    delta: budget.delta,
    encoding_share: 0.9,
    row_count: BACKGROUND,
    steps: 20,
    batch_size: 50,
    generator_dim: [16],
    discriminator_dim: [8],
  });
  const { ask } = NoisyAnswers.prototype;
  if (sabotage === 'exact frequencies') NoisyAnswers.prototype.ask = (_, counts) => Float64Array.from(counts);
  try {
    const runtime = await dpCtgan.loadRuntime();
    const context = { ...testContext({ compute }), compute, seedIsUsers: false };
    const model = await runtime.fit({ source: tableFromRows(SCHEMA, rows, { profile: false }), config }, context);
    const artefacts = memoryArtefacts();
    await model.save(artefacts);
    model.dispose();
    return guess(scoresOf((await artefacts.json('model.json')) as DpCtganModel), included, GUESSES);
  } finally {
    NoisyAnswers.prototype.ask = ask;
  }
}

function scoresOf({ codings }: DpCtganModel): number[] {
  const [{ values, masses }] = codings as [DpCtganModel['codings'][number]];
  const categories = 'categories' in values ? values.categories : [];
  const massOf = new Map(categories.map((name, code) => [name, masses[code]!]));
  return Array.from({ length: CANARIES }, (_, i) => massOf.get(canaryName(i)) ?? 0);
}
