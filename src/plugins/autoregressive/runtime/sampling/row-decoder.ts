import { CODED_KINDS, type Column, type ColumnSchema, RandomStream } from '../../../../core/plugin-api/index.js';
import { DAY_MS, nearestOnWeekday } from '../coding/datetime-parts.js';
import type { Field } from '../coding/field.js';
import { FieldDecoder } from './field-decoder.js';
import type { Restrictions } from './restrictions.js';
import type { ValueChoice } from './value-choice.js';

/** Random words of one cell's place within its stretch: 53 bits. */
const WORDS = 2;

/** Turns rows of tokens into cells. The same row gives the same cells, wherever in a batch it stands. */
export class RowDecoder {
  readonly #stream: RandomStream;
  readonly #words: Uint32Array;
  readonly #uniforms: Float64Array;
  readonly #decoders: readonly FieldDecoder[];
  readonly #values: readonly Float64Array[];
  /** By column: its fields. */
  readonly #fieldsOf: readonly (readonly number[])[];
  readonly #dictionaries: readonly (readonly string[])[];

  /** @param most the most rows that are decoded at once. */
  constructor(
    private readonly schemas: readonly ColumnSchema[],
    private readonly fields: readonly Field[],
    private readonly restrictions: Restrictions,
    seed: number,
    most: number,
  ) {
    this.#stream = new RandomStream(seed, 'autoregressive.places');
    this.#words = new Uint32Array(WORDS * fields.length * most);
    this.#uniforms = new Float64Array(most);
    this.#decoders = fields.map((field, f) => new FieldDecoder(field, restrictions.stretches.get(f), most));
    this.#values = fields.map(() => new Float64Array(most));
    this.#fieldsOf = schemas.map((_, c) => [...fields.keys()].filter((f) => fields[f]!.column === c));
    this.#dictionaries = this.#fieldsOf.map(([f]) => fields[f!]!.marginal.categories ?? []);
  }

  /** Columns for so many rows. */
  blank(rowCount: number): Column[] {
    return this.schemas.map(({ kind }, c) => {
      if (!CODED_KINDS.has(kind)) return { values: new Float64Array(rowCount) };
      return { codes: new Int32Array(rowCount), dictionary: this.#dictionaries[c]! };
    });
  }

  /** Writes `count` rows, the first of them row `firstRow` of all, into columns from `offset` on. */
  decode(tokens: readonly Uint16Array[], firstRow: number, count: number, columns: readonly Column[], offset: number) {
    this.#stream.fillWords(
      this.#words.subarray(0, WORDS * this.fields.length * count),
      firstRow * this.fields.length * WORDS,
    );
    this.#decoders.forEach((decoder, f) => {
      this.#placesOf(f, count);
      decoder.decode(tokens[f]!, this.#uniforms, count, this.#values[f]!);
    });
    for (const [c, choice] of this.restrictions.choices) this.#choose(choice, this.#fieldsOf[c]![0]!, tokens, count);
    this.#fieldsOf.forEach((own, c) => {
      const column = columns[c]!;
      if ('codes' in column) this.#writeCodes(own[0]!, count, column.codes, offset);
      else this.#writeNumbers(c, own, tokens, count, column.values.subarray(offset, offset + count));
    });
  }

  #placesOf(f: number, count: number): void {
    const [words, uniforms, stride] = [this.#words, this.#uniforms, WORDS * this.fields.length];
    for (let i = 0, w = WORDS * f; i < count; i++, w += stride) {
      uniforms[i] = ((words[w]! >>> 6) * 2 ** 27 + (words[w + 1]! >>> 5) + 0.5) * 2 ** -53;
    }
  }

  /** Puts listed values in place of what the column's first field was decoded to. */
  #choose(choice: ValueChoice, f: number, tokens: readonly Uint16Array[], count: number): void {
    this.#placesOf(f, count);
    const values = this.#values[f]!;
    for (let i = 0; i < count; i++) values[i] = choice.cellAt((field) => tokens[field]![i]!, this.#uniforms[i]!);
  }

  #writeCodes(f: number, count: number, codes: Int32Array, offset: number): void {
    const values = this.#values[f]!;
    for (let i = 0; i < count; i++) codes[offset + i] = Number.isNaN(values[i]!) ? -1 : values[i]!;
  }

  #writeNumbers(
    c: number,
    own: readonly number[],
    tokens: readonly Uint16Array[],
    count: number,
    cells: Float64Array,
  ): void {
    cells.set(this.#values[own[0]!]!.subarray(0, count));
    if (this.restrictions.choices.has(c)) return;
    if (this.fields[own[0]!]!.part === 'day') this.#joinParts(own, tokens, cells);
    const bounds = this.restrictions.bounds.get(c);
    if (bounds === undefined) return;
    for (let i = 0; i < count; i++) cells[i] = Math.min(bounds.high, Math.max(bounds.low, cells[i]!));
  }

  /** Days become moments: on the drawn weekday, at the drawn time. */
  #joinParts([day, ...others]: readonly number[], tokens: readonly Uint16Array[], cells: Float64Array): void {
    const weekday = others.find((f) => this.fields[f]!.part === 'weekday');
    const time = others.find((f) => this.fields[f]!.part === 'time');
    const decoder = this.#decoders[day!]!;
    const ranges = new Map<number, readonly [number, number]>();
    for (let i = 0; i < cells.length; i++) {
      if (weekday !== undefined && !Number.isNaN(cells[i]!)) {
        const token = tokens[day!]![i]!;
        const range = ranges.get(token) ?? decoder.rangeOf(token);
        ranges.set(token, range);
        cells[i] = nearestOnWeekday(cells[i]!, this.#values[weekday]![i]!, ...range);
      }
      cells[i] = cells[i]! * DAY_MS + (time === undefined ? 0 : this.#values[time]![i]!);
    }
  }
}
