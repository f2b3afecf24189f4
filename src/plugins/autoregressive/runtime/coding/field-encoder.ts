import { firstPieceEndingAbove, isCoded, type Column, type QuantilePieces } from '../../../../core/plugin-api/index.js';
import { dayOf, timeOf, weekdayOf } from './datetime-parts.js';
import { type Field, type FieldPart, stretchCount } from './field.js';

const PART_OF: Readonly<Record<FieldPart, (value: number) => number>> = {
  value: (value) => value,
  day: dayOf,
  weekday: (value) => weekdayOf(dayOf(value)),
  time: timeOf,
};

/** What a part takes of a moment. */
export function partOf(part: FieldPart): (value: number) => number {
  return PART_OF[part];
}

/** Of a category that was not there when the fields were fitted, where no rare one was either. */
const NO_TOKEN = -1;

/** Turns the cells of a column into tokens of one of its fields. */
export class FieldEncoder {
  readonly #tokenOfPiece: Int32Array;
  readonly #part: (value: number) => number;
  #tokenOfCode: Int32Array = new Int32Array(0);

  /** @param dictionary the column's whole dictionary, where it is coded. */
  constructor(
    private readonly field: Field,
    dictionary: readonly string[],
  ) {
    this.#tokenOfPiece = tokensOfPieces(field);
    this.#part = PART_OF[field.part];
    if (field.marginal.categories !== null) this.#tokenOfCode = this.#mapCodes(dictionary);
  }

  /** `tokens[offset + i]` becomes the token of cell i. */
  encode(column: Column, tokens: Uint8Array | Uint16Array, offset: number): void {
    // The later parts of a missing moment say nothing: any token will do.
    const missing = Math.max(0, this.field.missing);
    if (isCoded(column)) {
      column.codes.forEach((code, i) => {
        tokens[offset + i] = code < 0 ? missing : Math.max(0, this.#tokenOfCode[code]!);
      });
      return;
    }
    const { values } = column;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      tokens[offset + i] = Number.isFinite(value) ? this.#tokenOf(this.#part(value)) : missing;
    }
  }

  #tokenOf(value: number): number {
    const { cuts, marginal } = this.field;
    const { probabilities, starts, ends } = marginal.pieces;
    const piece = pieceOf(marginal.pieces, value);
    let token = this.#tokenOfPiece[piece]!;
    const end = probabilities[piece + 1]!;
    // Most pieces lie within one stretch.
    if (cuts[token + 1]! >= end) return token;
    const [start, width] = [starts[piece]!, ends[piece]! - starts[piece]!];
    const position = probabilities[piece]! + ((value - start) / width) * (end - probabilities[piece]!);
    while (cuts[token + 1]! < end && cuts[token + 1]! <= position) token++;
    return token;
  }

  /** Whether cell i has a value that the field has a token for. */
  knows(column: Column, i: number): boolean {
    if (!isCoded(column)) return stretchCount(this.field) > 0 && Number.isFinite(column.values[i]!);
    const code = column.codes[i]!;
    return code >= 0 && this.#tokenOfCode[code]! !== NO_TOKEN;
  }

  #mapCodes(dictionary: readonly string[]): Int32Array {
    const positions = new Map(this.field.marginal.categories!.map((category, position) => [category, position]));
    return Int32Array.from(dictionary, (category) => {
      const position = positions.get(category);
      return position === undefined ? this.field.rare : this.#tokenOfPiece[position]!;
    });
  }
}

/** By piece of the marginal: the stretch that it is part of. */
function tokensOfPieces(field: Field): Int32Array {
  const { probabilities } = field.marginal.pieces;
  let token = 0;
  return Int32Array.from({ length: probabilities.length - 1 }, (_, j) => {
    while (token < stretchCount(field) - 1 && field.cuts[token + 1]! <= probabilities[j]!) token++;
    return token;
  });
}

/** The piece that a value belongs to: a single value's own before the ranges that end or start there. */
export function pieceOf({ starts, ends }: QuantilePieces, value: number): number {
  const above = firstPieceEndingAbove(ends, value);
  for (let piece = above - 1; piece >= 0 && ends[piece] === value; piece--) {
    if (starts[piece] === value) return piece;
  }
  return Math.min(above, ends.length - 1);
}
