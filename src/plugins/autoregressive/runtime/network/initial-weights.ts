import {
  type Feed,
  normalQuantile,
  RandomStream,
  type RunContext,
  type Shape,
  type Shapes,
} from '../../../../core/plugin-api/index.js';
import type { Field } from '../coding/field.js';
import type { TokenTable } from '../coding/token-table.js';
import { startAsCopula } from './copula-start.js';
import type { Layout } from './layout.js';
import { ANCHOR, anchorShapes, partShapes, type Prior, tokenWeights } from './prior.js';
import type { RankBasis } from './rank-basis.js';

/** Rows added to each token's count, so that its logarithm is finite. */
const PRIOR_ROWS = 0.05;

/** In ranks of numbers, of what is usual elsewhere: units begin with gentle bends. */
const RANK_SCALE = 0.5;

/**
 * At the start every field has its marginal distribution, whatever the fields before it; numbers of few rows that of their
 * Gaussian copula.
 */
export async function initialParts(
  layout: Layout,
  table: TokenTable,
  prior: Prior,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<Feed> {
  const random = new RandomStream(context.seed, 'autoregressive.weights');
  const shapes = partShapes(layout, prior);
  const ofToken = { input: 1 / Math.sqrt(layout.fields * (layout.embedding ?? 1)), embedding: 1 };
  const scales: Readonly<Record<string, number>> = {
    ...ofToken,
    known: 1 / Math.sqrt(layout.fields),
    ranksIn: RANK_SCALE * ofToken[tokenWeights(layout)],
  };
  const parts: Record<string, Float32Array> = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(lengthOf(shape));
    const scale = scales[name];
    if (scale !== undefined) fillNormal(values, scale, random, offset);
    offset += values.length;
    parts[name] = values;
  }
  if (prior.basis !== null) clearNumbers(parts[tokenWeights(layout)]!, layout, prior.basis);
  parts['base'] = logMarginals(layout, table);
  Object.assign(parts, zeros(anchorShapes(layout, prior)));
  if (prior.basis !== null && prior.anchored.length > 0)
    await startAsCopula(parts, layout, table, prior.basis, context);
  return parts;
}

/** Of a model that goes on: its weights, near to which they are held. */
export function partsOf(weights: Feed, layout: Layout, prior: Prior): Feed {
  const anchors = Object.keys(anchorShapes(layout, prior)).map((name) => [name, weights[name.slice(ANCHOR.length)]!]);
  return { ...zeros(partShapes(layout, prior)), ...Object.fromEntries(anchors), ...weights };
}

function zeros(shapes: Shapes): Feed {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(lengthOf(shape))]));
}

function lengthOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** What tokens of a number have of their own is found in the rows alone. */
function clearNumbers(weights: Float32Array, { offsets, sizes, width }: Layout, basis: RankBasis): void {
  const each = weights.length / width;
  basis.sizes.forEach((functions, f) => {
    if (functions > 0) weights.fill(0, offsets[f]! * each, (offsets[f]! + sizes[f]!) * each);
  });
}

function fillNormal(values: Float32Array, scale: number, random: RandomStream, offset: number): void {
  random.fillUniform(values, offset);
  for (let i = 0; i < values.length; i++) values[i] = scale * normalQuantile(values[i]!);
}

function logMarginals(layout: Layout, table: TokenTable): Float32Array {
  return Float32Array.from(tokenCounts(layout, table), (count) => Math.log((count + PRIOR_ROWS) / table.rowCount));
}

/** Rows of each token; those of the stretches of one piece of a marginal are spread over them evenly, as they are drawn. */
export function tokenCounts(layout: Layout, { tokens, fields }: TokenTable): Float64Array {
  const counts = new Float64Array(layout.width);
  tokens.forEach((column, f) => {
    const own = counts.subarray(layout.offsets[f]!, layout.offsets[f]! + layout.sizes[f]!);
    for (const token of column) own[token]!++;
    spreadEvenly(own, fields[f]!);
  });
  return counts;
}

function spreadEvenly(counts: Float64Array, { cuts, marginal }: Field): void {
  const { probabilities } = marginal.pieces;
  let first = 0;
  for (let j = 1; j < probabilities.length; j++) {
    const end = probabilities[j]!;
    let last = first;
    while (cuts[last + 1]! < end) last++;
    if (cuts[last + 1] !== end) continue;
    const sum = counts.subarray(first, last + 1).reduce((total, count) => total + count, 0);
    const width = end - cuts[first]!;
    for (let t = first; t <= last; t++) counts[t] = (sum * (cuts[t + 1]! - cuts[t]!)) / width;
    first = last + 1;
  }
}
