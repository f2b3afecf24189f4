import type { ColumnMarginal } from './column-marginal.js';
import { roundTo } from './granularity.js';
import { PieceLookup } from './piece-lookup.js';

/** Pieces over any ascending axis: cuts of probability, or of normal scores. */
export interface AxisPieces {
  readonly cuts: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/**
 * Turns positions on an axis into cells of a column: values on their grid and within their bounds, or category codes
 * (positions in the marginal's `categories`). With the axis of probabilities, positions are uniform numbers.
 */
export class ColumnDecoder {
  readonly #lookup: PieceLookup;
  readonly #cuts: Float64Array;
  readonly #starts: Float64Array;
  readonly #slopes: Float64Array;
  readonly #unit: number;
  readonly #scale: number;
  readonly #minimum: number;
  readonly #maximum: number;

  constructor(marginal: ColumnMarginal, axis: AxisPieces) {
    const { granularity, minimum, maximum } = marginal;
    this.#lookup = new PieceLookup(axis.cuts);
    this.#cuts = axis.cuts;
    this.#slopes = axis.starts.map((start, j) => (axis.ends[j]! - start) / (axis.cuts[j + 1]! - axis.cuts[j]!));
    this.#starts = axis.starts.map((start, j) =>
      axis.ends[j] === start ? clamp(roundTo(start, granularity), minimum, maximum) : start,
    );
    this.#unit = 'unit' in granularity ? granularity.unit : 1;
    // As in roundTo: no rounding where the grid is finer than a double.
    const scale = 'places' in granularity ? 10 ** granularity.places : 1;
    const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
    this.#scale = largest * scale < Number.MAX_SAFE_INTEGER ? scale : 0;
    this.#minimum = minimum;
    this.#maximum = maximum;
  }

  /** The cell at one position. */
  cellAt(position: number): number {
    const cell = new Float64Array(1);
    this.decode(Float64Array.of(position), 1, cell, 0);
    return cell[0]!;
  }

  /** `cells[offset + i]` becomes the cell at `positions[i]`, i < count. */
  decode(positions: Float64Array, count: number, cells: Float64Array | Int32Array, offset: number): void {
    const [lookup, cuts, starts, slopes] = [this.#lookup, this.#cuts, this.#starts, this.#slopes];
    const [unit, scale, minimum, maximum] = [this.#unit, this.#scale, this.#minimum, this.#maximum];
    for (let i = 0; i < count; i++) {
      const position = positions[i]!;
      const piece = lookup.find(position);
      const slope = slopes[piece]!;
      let value = starts[piece]!;
      if (slope !== 0) {
        value += slope * (position - cuts[piece]!);
        if (scale !== 0) value = (Math.round((value * scale) / unit) * unit) / scale + 0;
        value = clamp(value, minimum, maximum);
      }
      cells[offset + i] = value;
    }
  }
}

function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}
