import { type Feed, normalQuantile, RandomStream } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import type { Layout } from './layout.js';
import { networkShapes } from './network.js';

/** Rows added to each token's count, so that its logarithm is finite. */
const PRIOR_ROWS = 0.05;

/** At the start every field has its marginal distribution, whatever the fields before it. */
export function initialWeights(layout: Layout, table: TokenTable, seed: number): Feed {
  const random = new RandomStream(seed, 'autoregressive.weights');
  const shapes = networkShapes(layout);
  const scales: Readonly<Record<string, number>> = {
    input: 1 / Math.sqrt(layout.fields * (layout.embedding ?? 1)),
    known: 1 / Math.sqrt(layout.fields),
    embedding: 1,
  };
  const weights: Record<string, Float32Array> = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    const scale = scales[name];
    if (scale !== undefined) fillNormal(values, scale, random, offset);
    offset += values.length;
    weights[name] = values;
  }
  return { ...weights, base: logMarginals(layout, table) };
}

function fillNormal(values: Float32Array, scale: number, random: RandomStream, offset: number): void {
  random.fillUniform(values, offset);
  for (let i = 0; i < values.length; i++) values[i] = scale * normalQuantile(values[i]!);
}

function logMarginals(layout: Layout, table: TokenTable): Float32Array {
  return Float32Array.from(tokenCounts(layout, table), (count) => Math.log((count + PRIOR_ROWS) / table.rowCount));
}

/** Rows of each token. */
export function tokenCounts(layout: Layout, { tokens }: TokenTable): Float64Array {
  const counts = new Float64Array(layout.width);
  tokens.forEach((column, f) => {
    const offset = layout.offsets[f]!;
    for (const token of column) counts[offset + token]!++;
  });
  return counts;
}
