import type { SpaceRows } from './row-space.js';

/**
 * Rows sorted into groups of equal discrete cells, so that a query counts its differing cells once for a whole group.
 * Codes are packed four to a word, where their differences can be counted at once.
 */
export class GroupedRows {
  readonly groupCount: number;
  /** Rows of group g stand from `starts[g]` up to `starts[g + 1]`. */
  readonly starts: Uint32Array;
  /** The row of the table that stands at each place. */
  readonly rowAt: Uint32Array;
  /** Numbers of the rows in the order of places. */
  readonly numbers: Float64Array;
  readonly numberCount: number;
  readonly codeCount: number;
  readonly #packing: Packing;
  readonly #words: Int32Array;
  readonly #differing: Uint16Array;

  constructor(readonly rows: SpaceRows) {
    const { rowCount, codes, numbers } = rows;
    this.codeCount = rowCount === 0 ? 0 : codes.length / rowCount;
    this.numberCount = rowCount === 0 ? 0 : numbers.length / rowCount;
    const groups = groupByCodes(rows, this.codeCount);
    this.groupCount = groups.length;
    this.starts = new Uint32Array(groups.length + 1);
    this.rowAt = new Uint32Array(rowCount);
    this.numbers = new Float64Array(numbers.length);
    this.#packing = new Packing(rows, this.codeCount);
    this.#words = new Int32Array(groups.length * this.#packing.wordCount);
    this.#differing = new Uint16Array(groups.length);
    groups.forEach((members, group) => this.#addGroup(group, members));
  }

  #addGroup(group: number, members: readonly number[]): void {
    const start = this.starts[group]!;
    this.starts[group + 1] = start + members.length;
    members.forEach((row, i) => {
      this.rowAt[start + i] = row;
      const from = row * this.numberCount;
      this.numbers.set(this.rows.numbers.subarray(from, from + this.numberCount), (start + i) * this.numberCount);
    });
    this.#packing.pack(this.rows.codes, members[0]! * this.codeCount, this.#words, group * this.#packing.wordCount);
  }

  /** The code of a group's rows in a discrete column. */
  codeOf(group: number, column: number): number {
    return this.rows.codes[this.rowAt[this.starts[group]!]! * this.codeCount + column]!;
  }

  /** Groups by how many of their cells differ from the query's: those with none first. */
  order(queries: SpaceRows, query: number): GroupLevels {
    const { wordCount, byteWords } = this.#packing;
    const wanted = new Int32Array(wordCount);
    this.#packing.pack(queries.codes, query * this.codeCount, wanted, 0);
    const differing = this.#differing;
    const counts = new Uint32Array(this.codeCount + 2);
    // The innermost loop of every search: nothing in it is looked up twice.
    const words = this.#words;
    const { groupCount } = this;
    for (let group = 0, at = 0; group < groupCount; group++) {
      let count = 0;
      for (let w = 0; w < byteWords;) {
        // Each byte of the sum counts its own column of every word, so far as a byte goes.
        let lanes = 0;
        for (const end = Math.min(byteWords, w + 255); w < end; w++) lanes += differingBytes(words[at++]! ^ wanted[w]!);
        count += (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
      }
      for (let w = byteWords; w < wordCount; w++) if (words[at++] !== wanted[w]) count++;
      differing[group] = count;
      counts[count + 1]!++;
    }
    for (let level = 1; level < counts.length; level++) counts[level]! += counts[level - 1]!;
    const levelStarts = counts.slice();
    const groups = new Uint32Array(groupCount);
    for (let group = 0; group < groupCount; group++) groups[counts[differing[group]!]!++] = group;
    return { groups, levelStarts };
  }
}

/** Groups of level l, which differ in l cells, stand from `levelStarts[l]` up to `levelStarts[l + 1]`. */
export interface GroupLevels {
  readonly groups: Uint32Array;
  readonly levelStarts: Uint32Array;
}

function groupByCodes({ rowCount, codes }: SpaceRows, codeCount: number): number[][] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < rowCount; row++) {
    const key = codes.subarray(row * codeCount, (row + 1) * codeCount).join();
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [row]);
    else members.push(row);
  }
  return [...groups.values()];
}

/** A 1 in each of the four bytes that is not 0. */
function differingBytes(word: number): number {
  return ((((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word) >>> 7) & 0x01010101;
}

const LARGEST_BYTE_CODE = 253;
const UNKNOWN_BYTE = 255;

/** Columns of few codes take a byte each, the others a word. */
class Packing {
  readonly byteWords: number;
  readonly wordCount: number;
  readonly #byteColumns: number[] = [];
  readonly #wordColumns: number[] = [];

  constructor({ codes }: SpaceRows, codeCount: number) {
    for (let column = 0; column < codeCount; column++) {
      let largest = -1;
      for (let i = column; i < codes.length; i += codeCount) if (codes[i]! > largest) largest = codes[i]!;
      (largest <= LARGEST_BYTE_CODE ? this.#byteColumns : this.#wordColumns).push(column);
    }
    this.byteWords = Math.ceil(this.#byteColumns.length / 4);
    this.wordCount = this.byteWords + this.#wordColumns.length;
  }

  /** Packs the codes from `from` on into words from `to` on. A code that these rows never have equals none of theirs. */
  pack(codes: Int32Array, from: number, words: Int32Array, to: number): void {
    this.#byteColumns.forEach((column, i) => {
      const code = codes[from + column]!;
      const byte = code > LARGEST_BYTE_CODE ? UNKNOWN_BYTE : code + 1;
      words[to + (i >>> 2)]! |= byte << (8 * (i & 3));
    });
    this.#wordColumns.forEach((column, i) => (words[to + this.byteWords + i] = codes[from + column]!));
  }
}
