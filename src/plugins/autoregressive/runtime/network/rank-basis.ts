import { normalQuantile, type Tensor, type TensorLibrary } from '../../../../core/plugin-api/index.js';
import { type Field, stretchCount } from '../coding/field.js';
import { blocksOf } from './blocks.js';
import { type Layout, sum } from './layout.js';

/**
 * Smooth functions of the rank of a number, given at its tokens: what lets the tokens of a number learn from their
 * neighbours. Categories have none.
 */
export interface RankBasis {
  /** Functions of each field. */
  readonly sizes: readonly number[];
  /** By field, by function: its value at each token. */
  readonly functions: readonly (readonly Float64Array[])[];
}

/**
 * Polynomials of the normal score of a token's middle rank: with those of degree 1 and 2 alone, an exponential family of two
 * columns has the relation of a Gaussian copula as a special case.
 */
const DEGREE = 4;
/** Standard deviation of the line: relations of numbers that rise or fall are believed soonest. */
export const LINE = 2;
const FEWEST_STRETCHES = 3;
/** What the lower degrees can tell already is rounding. */
const LEAST_NORM = 1e-3;

export function rankBasis(fields: readonly Field[]): RankBasis {
  const functions = fields.map((field) => {
    const isNumber = field.marginal.categories === null && stretchCount(field) >= FEWEST_STRETCHES;
    return isNumber ? polynomials(field) : [];
  });
  return { sizes: functions.map(({ length }) => length), functions };
}

/** Orthogonal under the tokens' shares (Gram and Schmidt); of degree d, of standard deviation 2/d²: bends are less likely. */
function polynomials({ cuts, size }: Field): Float64Array[] {
  const shares = cuts.slice(1).map((cut, t) => cut - cuts[t]!);
  const scores = shares.map((share, t) => normalQuantile(cuts[t]! + share / 2));
  const inner = (a: Float64Array, b: Float64Array) =>
    shares.reduce((total, share, t) => total + share * a[t]! * b[t]!, 0);
  const basis: Float64Array[] = [];
  for (let degree = 0; degree <= DEGREE; degree++) {
    const power = scores.map((score) => score ** degree);
    for (const other of basis) {
      const overlap = inner(power, other);
      power.forEach((_, t) => (power[t]! -= overlap * other[t]!));
    }
    const norm = Math.sqrt(inner(power, power));
    if (norm > LEAST_NORM) basis.push(power.map((value) => value / norm));
  }
  return basis.slice(1).map((own, i) => {
    const values = new Float64Array(size);
    own.forEach((value, t) => (values[t] = (LINE * value) / (i + 1) ** 2));
    return values;
  });
}

/**
 * What weights of the functions are as weights of the tokens.
 * @param weights `[functions of all fields, any]`. @returns `[width, any]`.
 */
export function ofTokens(tf: TensorLibrary, { sizes }: Layout, basis: RankBasis, weights: Tensor): Tensor {
  const blocks = blocksOf(sizes).map((block) => {
    const functions = basis.functions.slice(block.field, block.field + block.fields);
    return { ...block, functions, count: sum(functions.map(({ length }) => length)) };
  });
  const filled = blocks.filter(({ count }) => count > 0);
  const counts = filled.map(({ count }) => count);
  const parts = filled.length === 1 ? [weights] : tf.split(weights as ReturnType<typeof tf.tensor2d>, counts, 0);
  const products = blocks.map((block) => {
    if (block.count === 0) return tf.zeros([block.own, weights.shape[1]!]);
    const ownSizes = sizes.slice(block.field, block.field + block.fields);
    return tf.matMul(matrixOf(tf, ownSizes, block.functions), parts[filled.indexOf(block)]!);
  });
  return products.length === 1 ? products[0]! : tf.concat(products, 0);
}

/** `[tokens, functions]` of some fields. */
function matrixOf(tf: TensorLibrary, sizes: readonly number[], functions: RankBasis['functions']): Tensor {
  const width = sum(functions.map(({ length }) => length));
  const matrix = new Float32Array(sum(sizes) * width);
  let [token, column] = [0, 0];
  functions.forEach((own, f) => {
    own.forEach((values, i) => values.forEach((value, t) => (matrix[(token + t) * width + column + i] = value)));
    token += sizes[f]!;
    column += own.length;
  });
  return tf.tensor2d(matrix, [sum(sizes), width]);
}
