import { ColumnDecoder } from '../../../../core/plugin-api/index.js';
import type { Field } from '../coding/field.js';
import type { AxisInterval } from './axis-interval.js';

/** Turns tokens of a field into values: numbers, or positions of categories; NaN where a cell is missing. */
export class FieldDecoder {
  readonly #from: Float64Array;
  readonly #widths: Float64Array;
  readonly #decoder: ColumnDecoder | null;
  readonly #positions: Float64Array;

  /** @param stretch of the axis in which values lie. @param most the most tokens that are decoded at once. */
  constructor(
    readonly field: Field,
    stretch: AxisInterval | undefined,
    most: number,
  ) {
    const { cuts, marginal } = field;
    const { probabilities, starts, ends } = marginal.pieces;
    const held = stretch ?? { from: 0, to: 1 };
    this.#from = Float64Array.from({ length: field.size }, (_, t) => Math.max(cuts[t] ?? 0, held.from));
    this.#widths = this.#from.map((from, t) => Math.max(0, Math.min(cuts[t + 1] ?? 0, held.to) - from));
    this.#decoder = starts.length > 0 ? new ColumnDecoder(marginal, { cuts: probabilities, starts, ends }) : null;
    this.#positions = new Float64Array(most);
  }

  /** `values[i]` = a value of token i at place `uniforms[i]` of its stretch. */
  decode(tokens: Uint16Array, uniforms: Float64Array, count: number, values: Float64Array): void {
    if (this.#decoder === null) {
      values.fill(NaN, 0, count);
      return;
    }
    const [positions, from, widths] = [this.#positions, this.#from, this.#widths];
    for (let i = 0; i < count; i++) {
      const token = tokens[i]!;
      positions[i] = from[token]! + uniforms[i]! * widths[token]!;
    }
    this.#decoder.decode(positions, count, values, 0);
    const { missing } = this.field;
    if (missing < 0) return;
    for (let i = 0; i < count; i++) if (tokens[i] === missing) values[i] = NaN;
  }

  /** The least and the greatest value of a token. */
  rangeOf(token: number): readonly [number, number] {
    const from = this.#from[token]!;
    const decoder = this.#decoder!;
    // The end of a stretch belongs to the next one.
    return [decoder.cellAt(from), decoder.cellAt(from + this.#widths[token]! * (1 - 1e-9))];
  }
}
