import { type Feed, RandomStream, type RunContext } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import { withoutForbidden } from '../network/forbidden.js';
import { tokenCounts } from '../network/initial-weights.js';
import type { Layout } from '../network/layout.js';
import { LARGE_TABLE } from '../network/prior.js';
import { compileSampling, rowsPerPass } from '../sampling/sampling-program.js';

const ROUNDS = 5;
/** Rows drawn in a round, and most that it costs: on wide tables one pass of sampling will do. */
const DRAWN_ROWS = 4096;
const MOST_WORK = 2 ** 24;
/** Most that a logit is moved by in a round. */
const LARGEST_CHANGE = 1;

/**
 * Base logits under which rows are expected to hold each token as often as the table does. A minimum of the loss implies it
 * of the next cell of a real row alone, and the last steps of training on few rows only nearly reach that: over drawn rows
 * the differences add up from field to field.
 */
export async function calibrate(
  layout: Layout,
  table: TokenTable,
  weights: Feed,
  forbidden: readonly number[],
  context: RunContext,
): Promise<Float32Array> {
  const base = weights['base']!.slice();
  // The noise of the last steps on more rows is smaller than that of the rows themselves.
  if (table.rowCount >= LARGE_TABLE) return base;
  const counts = tokenCounts(layout, table);
  for (const token of forbidden) counts[token] = 0;
  const passes = evenUniforms(layout, context.seed);
  const program = await compileSampling(context.compute, layout, weights, 'shares');
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await program.setState({ base: withoutForbidden(base, forbidden) });
      const expected = new Float64Array(layout.width);
      for (const uniforms of passes) {
        await context.tick();
        const { shares } = await program.run('draw', { uniforms });
        shares!.forEach((share, k) => (expected[k]! += share / passes.length));
      }
      layout.sizes.forEach((size, f) => {
        const [from, to] = [layout.offsets[f]!, layout.offsets[f]! + size];
        moveTowards(base.subarray(from, to), counts.subarray(from, to), expected.subarray(from, to));
      });
    }
  } finally {
    program.dispose();
  }
  return base;
}

/**
 * Uniform numbers for each pass of sampling. Over all rows those of a field are evenly spread, in an order of chance of its
 * own (a Latin hypercube, McKay et al. 1979): the noise of the draws is smaller so.
 */
function evenUniforms(layout: Layout, seed: number): Float32Array[] {
  const rows = rowsPerPass(layout);
  const work = layout.fields ** 2 * layout.hidden;
  const count = Math.max(1, Math.floor(Math.min(DRAWN_ROWS, MOST_WORK / work) / rows));
  const passes = Array.from({ length: count }, () => new Float32Array(rows * layout.fields));
  for (let f = 0; f < layout.fields; f++) {
    const order = Int32Array.from({ length: count * rows }, (_, i) => i);
    new RandomStream(seed, `autoregressive.calibration.${f}`).shuffle(order);
    order.forEach((place, i) => {
      passes[Math.floor(i / rows)]![(i % rows) * layout.fields + f] = (place + 0.5) / order.length;
    });
  }
  return passes;
}

/** Moves the logits of a field's tokens; those that the table does not hold keep what they have. */
function moveTowards(base: Float32Array, counts: Float64Array, expected: Float64Array): void {
  const held = counts.reduce((total, count) => total + count, 0);
  const share = counts.reduce((total, count, k) => total + (count > 0 ? expected[k]! : 0), 0);
  counts.forEach((count, k) => {
    if (count > 0) base[k]! += clip(Math.log(((count / held) * share) / expected[k]!));
  });
}

function clip(change: number): number {
  return Math.max(-LARGEST_CHANGE, Math.min(LARGEST_CHANGE, change));
}
