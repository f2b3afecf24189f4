const CELLS_PER_PIECE = 4;
const MAX_CELLS = 1 << 16;

/**
 * Finds the piece in which a position lies: `cuts` ascend, piece j is [cuts[j], cuts[j + 1]). A guide table over equal cells
 * (Chen and Asmussen, "On generating random variates from an empirical distribution", 1974) makes a search a step or two.
 * Positions outside the cuts fall into the first or the last piece.
 */
export class PieceLookup {
  readonly #cuts: Float64Array;
  readonly #guide: Int32Array;
  readonly #origin: number;
  readonly #cellsPerUnit: number;

  constructor(cuts: Float64Array) {
    this.#cuts = cuts;
    const pieces = cuts.length - 1;
    const cells = Math.min(MAX_CELLS, Math.max(64, pieces * CELLS_PER_PIECE));
    this.#origin = cuts[0]!;
    this.#cellsPerUnit = cells / (cuts[pieces]! - this.#origin);
    this.#guide = new Int32Array(cells);
    let piece = 0;
    for (let cell = 0; cell < cells; cell++) {
      const start = this.#origin + cell / this.#cellsPerUnit;
      while (piece < pieces - 1 && cuts[piece + 1]! <= start) piece++;
      this.#guide[cell] = piece;
    }
  }

  find(position: number): number {
    const cuts = this.#cuts;
    const last = cuts.length - 2;
    let cell = ((position - this.#origin) * this.#cellsPerUnit) | 0;
    if (cell < 0) cell = 0;
    else if (cell >= this.#guide.length) cell = this.#guide.length - 1;
    let piece = this.#guide[cell]!;
    // A cell's start is rounded, so the guide may be one piece too far.
    while (piece > 0 && position < cuts[piece]!) piece--;
    while (piece < last && position >= cuts[piece + 1]!) piece++;
    return piece;
  }
}
