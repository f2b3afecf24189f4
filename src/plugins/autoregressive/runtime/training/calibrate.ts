import type { ProgramSet, RunContext } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import { tokenCounts } from '../network/initial-weights.js';
import type { Layout } from '../network/layout.js';
import type { BatchMaker } from './batch-maker.js';
import type { TrainingEntry } from './training-program.js';

/** Beyond so many rows the noise of the last steps is smaller than that of the rows themselves. */
const MOST_ROWS = 2 ** 14;
const ROUNDS = 2;
/** Most that a logit is moved by in a round. */
const LARGEST_CHANGE = 1;

/**
 * Sets the base logits so that each token is expected as often over the rows as it occurs in them, which a minimum of the
 * loss implies and the last steps of training on few rows only nearly reach.
 */
export async function calibrate(
  layout: Layout,
  table: TokenTable,
  programs: ProgramSet<TrainingEntry>,
  batches: BatchMaker,
  context: RunContext,
): Promise<void> {
  if (table.rowCount > MOST_ROWS) return;
  const counts = tokenCounts(layout, table);
  for (let round = 0; round < ROUNDS; round++) {
    const expected = new Float64Array(layout.width);
    for (const feed of batches.evaluation()) {
      await context.tick();
      const { shares } = await programs.run('shares', feed);
      shares!.forEach((share, k) => (expected[k]! += share));
    }
    const base = (await programs.getState())['base']!;
    counts.forEach((count, k) => {
      if (count > 0) base[k]! += clip(Math.log(count / expected[k]!));
    });
    await programs.setState({ base });
  }
}

function clip(change: number): number {
  return Math.max(-LARGEST_CHANGE, Math.min(LARGEST_CHANGE, change));
}
