import type { Feed } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import { tokenCounts } from './initial-weights.js';
import type { Layout } from './layout.js';
import { networkShapes } from './network.js';

/** Rows added to the count of a new token, so that its logarithm is finite. */
const PRIOR_ROWS = 0.05;

/**
 * Weights for a layout with more tokens: old ones keep theirs; new ones tell later fields nothing yet, and are expected as
 * often as they occur, whatever came before them.
 * @param places by field, by old token: its place among the field's tokens now.
 */
export function growWeights(
  weights: Feed,
  before: Layout,
  layout: Layout,
  places: readonly Int32Array[],
  table: TokenTable,
): Feed {
  const moved = places.flatMap((own, f) => Array.from(own, (token) => layout.offsets[f]! + token));
  const grown: Record<string, Float32Array> = { ...weights };
  const units = layout.fields * layout.hidden;
  if (layout.embedding === null) grown['input'] = moveRows(weights['input']!, units, moved, layout.width);
  else grown['embedding'] = moveRows(weights['embedding']!, layout.embedding, moved, layout.width);
  grown['output'] = moveColumns(weights['output']!, before.width, moved, layout.width);
  const isOld = new Set(moved);
  const counts = tokenCounts(layout, table);
  const base = moveColumns(weights['base']!, before.width, moved, layout.width);
  counts.forEach((count, k) => {
    if (!isOld.has(k)) base[k] = Math.log((count + PRIOR_ROWS) / table.rowCount);
  });
  grown['base'] = base;
  checkShapes(layout, grown);
  return grown;
}

/** Row r becomes row `moved[r]` of `count`; the others are zeros. */
function moveRows(matrix: Float32Array, width: number, moved: readonly number[], count: number): Float32Array {
  const grown = new Float32Array(count * width);
  moved.forEach((to, from) => grown.set(matrix.subarray(from * width, (from + 1) * width), to * width));
  return grown;
}

/** Column c becomes column `moved[c]` of `count`; the others are zeros. */
function moveColumns(matrix: Float32Array, width: number, moved: readonly number[], count: number): Float32Array {
  const rows = matrix.length / width;
  const grown = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    moved.forEach((to, from) => (grown[row * count + to] = matrix[row * width + from]!));
  }
  return grown;
}

function checkShapes(layout: Layout, weights: Feed): void {
  for (const [name, shape] of Object.entries(networkShapes(layout))) {
    const length = shape.reduce((product, n) => product * n, 1);
    if (weights[name]!.length !== length) throw new Error(`The base model's "${name}" does not fit the table`);
  }
}
