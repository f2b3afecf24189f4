import { RandomStream, type CodedColumn, type RunContext } from '../../../core/plugin-api/index.js';
import { NO_GROUP, type ColumnGroups } from './column-groups.js';

/** Cells of one contingency table, and what all coded columns together may cost: beyond that, tables take fewer columns in. */
const MOST_CELLS = 2 ** 22;
const MOST_COUNTS = 1.5e8;
const MOST_PRODUCTS = 3e8;
/** An order needs no more digits than tell categories apart. */
const AXIS_TOLERANCE = 1e-5;
const MOST_ITERATIONS = 200;

/**
 * Orders categories along the first axis of a correspondence analysis of the column against all others (Greenacre, "Theory and
 * applications of correspondence analysis", 1984): a Gaussian sees monotone relations only, and the order of categories is
 * ours to choose.
 * @param kept the codes to order. @param others the other columns in groups, over the same `rows` of the column.
 * @param share this column's part of the work that all may cost.
 */
export async function orderByAssociation(
  column: CodedColumn,
  kept: readonly number[],
  others: readonly ColumnGroups[],
  rows: Int32Array,
  share: number,
  context: RunContext,
): Promise<readonly number[]> {
  if (kept.length < 3 || others.length === 0) return kept;
  const positions = new Int32Array(column.dictionary.length).fill(-1);
  kept.forEach((code, position) => (positions[code] = position));
  const cells = Int32Array.from(rows, (row) => (column.codes[row]! < 0 ? -1 : positions[column.codes[row]!]!));
  const chosen = withinBudget(others, kept.length, (share * MOST_COUNTS) / rows.length);
  const table = await contingencyTable(cells, kept.length, chosen, context);
  const scores = await firstAxis(standardisedResiduals(table, kept.length), kept.length, share, context);
  const mass = rowSums(table, kept.length);
  const score = (position: number) => (mass[position]! > 0 ? scores[position]! / Math.sqrt(mass[position]!) : 0);
  // The axis has no direction of its own: the most frequent category is put in its upper half.
  const sign = score(0) < 0 ? -1 : 1;
  const order = [...kept.keys()].toSorted((a, b) => sign * (score(a) - score(b)) || a - b);
  return order.map((position) => kept[position]!);
}

/** Evenly spread columns, so many as the budget allows. */
function withinBudget(others: readonly ColumnGroups[], categories: number, most: number): readonly ColumnGroups[] {
  const averageGroups = others.reduce((sum, { count }) => sum + count, 0) / others.length;
  const allowed = Math.max(1, Math.floor(Math.min(MOST_CELLS / (categories * averageGroups), most)));
  if (allowed >= others.length) return others;
  return Array.from({ length: allowed }, (_, k) => others[Math.floor((k * others.length) / allowed)]!);
}

/** Rows: categories; columns: the groups of all other columns, one after the other. */
async function contingencyTable(
  cells: Int32Array,
  categories: number,
  others: readonly ColumnGroups[],
  context: RunContext,
): Promise<Float64Array> {
  const width = others.reduce((sum, { count }) => sum + count, 0);
  const table = new Float64Array(categories * width);
  let offset = 0;
  for (const { codes, count } of others) {
    for (let r = 0; r < cells.length; r++) {
      if (cells[r]! >= 0 && codes[r] !== NO_GROUP) table[cells[r]! * width + offset + codes[r]!]!++;
    }
    offset += count;
    await context.tick();
  }
  return table;
}

function rowSums(table: Float64Array, rows: number): Float64Array {
  const width = table.length / rows;
  return Float64Array.from({ length: rows }, (_, k) => {
    return table.subarray(k * width, (k + 1) * width).reduce((sum, count) => sum + count, 0);
  });
}

/** (P − r·cᵀ)/√(r·cᵀ), with P the table as shares and r, c its margins. */
function standardisedResiduals(table: Float64Array, rows: number): Float64Array {
  const width = table.length / rows;
  const r = rowSums(table, rows);
  const c = new Float64Array(width);
  table.forEach((count, at) => (c[at % width]! += count));
  const total = r.reduce((sum, mass) => sum + mass, 0);
  return table.map((count, at) => {
    const expected = (r[Math.floor(at / width)]! * c[at % width]!) / total;
    return expected > 0 ? (count - expected) / Math.sqrt(expected) : 0;
  });
}

/** The first left singular vector, by power iteration from a fixed start. */
async function firstAxis(
  matrix: Float64Array,
  rows: number,
  share: number,
  context: RunContext,
): Promise<Float64Array> {
  const start = new RandomStream(0, 'category-order.start');
  let axis = normalised(Float64Array.from({ length: rows }, () => start.next() - 0.5));
  const iterations = Math.min(MOST_ITERATIONS, Math.ceil((share * MOST_PRODUCTS) / matrix.length));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = normalised(timesItsTranspose(matrix, rows, axis));
    const change = next.reduce((largest, x, k) => Math.max(largest, Math.abs(x - axis[k]!)), 0);
    axis = next;
    await context.tick();
    if (change < AXIS_TOLERANCE) break;
  }
  return axis;
}

function timesItsTranspose(matrix: Float64Array, rows: number, axis: Float64Array): Float64Array {
  const width = matrix.length / rows;
  const across = new Float64Array(width);
  for (let k = 0; k < rows; k++) {
    for (let m = 0; m < width; m++) across[m]! += matrix[k * width + m]! * axis[k]!;
  }
  const result = new Float64Array(rows);
  for (let k = 0; k < rows; k++) {
    for (let m = 0; m < width; m++) result[k]! += matrix[k * width + m]! * across[m]!;
  }
  return result;
}

function normalised(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return norm > 0 ? vector.map((x) => x / norm) : vector;
}
