import type { Compute, Feed, Program, Shape, Shapes } from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { FoldedGenerator } from './folded-generator.js';
import { generatorShapes, generatorSize, rowDistribution } from './generator-network.js';
import type { Layout } from './layout.js';

/** The generator's weights and the moments that it is normalised by: what a trained model consists of. */
export function modelShapes(layout: Layout, config: CtganConfig): Shapes {
  const size = generatorSize(layout, config);
  return {
    ...generatorShapes(size),
    ...Object.fromEntries(size.hidden.flatMap((n, i) => ['mean', 'variance'].map((name) => [`${name}${i}`, [n]]))),
  };
}

const LARGEST_OUTPUT = 2 ** 21;
/** More rows are slower: their hidden layers no longer fit into a core's cache. */
const MOST_ROWS = 256;

/** Rows in one forward pass. Depends on the model alone: so a row is computed at the same place whatever is asked for. */
export function rowsPerPass(layout: Layout): number {
  const fitting = Math.floor(LARGEST_OUTPUT / layout.width);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(Math.max(fitting, 1))), 64), MOST_ROWS);
}

/** Noise and conditions in, each row's scalars and component weights out (`rows`). Normalised by fixed moments: rows do not see their neighbours. */
export async function compileSampling(
  compute: Compute,
  layout: Layout,
  config: CtganConfig,
  weights: Feed,
): Promise<Program> {
  const { tf } = compute;
  const size = generatorSize(layout, config);
  const rows = rowsPerPass(layout);
  const inputs: Record<string, Shape> = {
    noise: [rows, size.noise],
    ...(size.conditions > 0 && { condition: [rows] }),
  };
  const generator = new FoldedGenerator(size, weights);
  return compute.compile({ state: {}, inputs }, (_, feed) => {
    const raw = generator.forward(tf, feed['noise']!, feed['condition']);
    return { outputs: { rows: rowDistribution(tf, layout, raw) } };
  });
}
