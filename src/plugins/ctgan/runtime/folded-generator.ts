import type { Feed, Tensor, TensorLibrary } from '../../../core/plugin-api/index.js';
import { BATCH_NORM_EPSILON, type GeneratorSize } from './generator-network.js';

/** A matrix of weights by rows, cut out of a wider one. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * The trained generator, made for running alone: the normalisations, whose moments no longer change, are multiplied into
 * the weights, and each layer's weights lie apart, so that sums are made by the products themselves.
 */
export class FoldedGenerator {
  readonly #noise: Matrix[];
  /** What a condition adds to each layer, its shift included; without conditions one row that all share. */
  readonly #condition: Matrix[];
  /** By hidden layer, what it adds to each layer after it. */
  readonly #hidden: Matrix[][];

  constructor(
    private readonly size: GeneratorSize,
    weights: Feed,
  ) {
    const { noise, conditions, hidden, width } = size;
    const targets = [...hidden, width];
    const factors = hidden.map((_, layer) => factorOf(weights, layer));
    const shifts = [...hidden.map((_, layer) => shiftOf(weights, layer, factors[layer]!)), weights['g.bias']!];
    const parts = (values: Float32Array, rows: number, first: number) =>
      cut(values, rows, targets.slice(first)).map((part, i) => scaled(part, factors[first + i]));

    this.#noise = parts(weights['g.noise']!, noise, 0);
    const told =
      conditions > 0
        ? parts(weights['g.condition']!, conditions, 0)
        : targets.map((columns) => ({ rows: 1, columns, values: new Float32Array(columns) }));
    this.#condition = told.map((part, layer) => shifted(part, shifts[layer]!));
    this.#hidden = hidden.map((rows, layer) => parts(weights[`g.hidden${layer}`]!, rows, layer + 1));
  }

  /** The data vector before its activations. The weights are constants, which an executor may lay out once for all runs. */
  forward(tf: TensorLibrary, noise: Tensor, condition: Tensor | undefined): Tensor {
    const constant = ({ rows, columns, values }: Matrix) => tf.tensor2d(values, [rows, columns]);
    const active: Tensor[] = [];
    const chosen = condition && tf.cast(condition, 'int32');
    for (let layer = 0; ; layer++) {
      const told = constant(this.#condition[layer]!);
      const start = chosen === undefined ? told : tf.gather(told, chosen);
      const sources = [noise, ...active];
      const matrices = [this.#noise[layer]!, ...this.#hidden.slice(0, layer).map((parts, i) => parts[layer - i - 1]!)];
      const sum = sources.reduce((total, x, i) => tf.add(tf.matMul(x, constant(matrices[i]!)), total), start);
      if (layer === this.size.hidden.length) return sum;
      active.push(tf.relu(sum));
    }
  }
}

/** By what a layer's inputs are multiplied: its scale over their standard deviation. */
function factorOf(weights: Feed, layer: number): Float32Array {
  const variance = weights[`variance${layer}`]!;
  return weights[`g.scale${layer}`]!.map((scale, i) => scale / Math.sqrt(variance[i]! + BATCH_NORM_EPSILON));
}

function shiftOf(weights: Feed, layer: number, factor: Float32Array): Float32Array {
  const mean = weights[`mean${layer}`]!;
  return weights[`g.shift${layer}`]!.map((shift, i) => shift - mean[i]! * factor[i]!);
}

/** Column blocks of the given widths. */
function cut(values: Float32Array, rows: number, widths: readonly number[]): Matrix[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  let offset = 0;
  return widths.map((columns) => {
    const part = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const start = row * total + offset;
      part.set(values.subarray(start, start + columns), row * columns);
    }
    offset += columns;
    return { rows, columns, values: part };
  });
}

/** Each column by its factor; the last layer has none. */
function scaled(matrix: Matrix, factors: Float32Array | undefined): Matrix {
  if (factors === undefined) return matrix;
  return { ...matrix, values: matrix.values.map((value, i) => value * factors[i % matrix.columns]!) };
}

function shifted(matrix: Matrix, shifts: Float32Array): Matrix {
  return { ...matrix, values: matrix.values.map((value, i) => value + shifts[i % matrix.columns]!) };
}
