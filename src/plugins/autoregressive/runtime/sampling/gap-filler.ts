import {
  type Column,
  type ColumnSchema,
  type Feed,
  isCoded,
  type ProgramSet,
  RandomStream,
  type RunContext,
  type TableBatch,
  type TableSource,
} from '../../../../core/plugin-api/index.js';
import { FieldEncoder } from '../coding/field-encoder.js';
import { type Field, stretchCount } from '../coding/field.js';
import type { Layout } from '../network/layout.js';
import { chooseCandidates } from './resample.js';
import { UNRESTRICTED } from './restrictions.js';
import { RowDecoder } from './row-decoder.js';
import { FILL_CANDIDATES, rowsPerPass } from './sampling-program.js';
import { FORBIDDEN } from './token-source.js';

const READ_ROWS = 8192;

/**
 * Draws what is missing in the rows of a table, given all that is there: by sampling-importance resampling (Rubin 1988), as
 * rows under conditions are drawn, but that each row has cells of its own given. Rows without gaps cost nothing.
 */
export class GapFiller {
  readonly #stream: RandomStream;
  readonly #choice: RandomStream;
  readonly #uniforms: Float32Array;
  readonly #feed: { readonly given: Float32Array; readonly known: Float32Array; readonly allowed: Float32Array };
  readonly #rows: number;
  #pass = 0;

  constructor(
    private readonly program: ProgramSet<'draw'>,
    private readonly layout: Layout,
    private readonly schemas: readonly ColumnSchema[],
    private readonly fields: readonly Field[],
    private readonly seed: number,
  ) {
    const rows = rowsPerPass(layout);
    this.#rows = rows / FILL_CANDIDATES;
    this.#stream = new RandomStream(seed, 'autoregressive.gaps');
    this.#choice = new RandomStream(seed, 'autoregressive.choice');
    this.#uniforms = new Float32Array(rows * layout.fields);
    this.#feed = {
      given: new Float32Array(this.#rows * layout.width),
      known: new Float32Array(this.#rows * layout.fields),
      allowed: presentTokens(layout, fields),
    };
  }

  /** All rows in their order, without gaps where anything is known to fill them; present cells may come out coarser. */
  async *fill(source: TableSource, context: RunContext): AsyncGenerator<TableBatch> {
    const decoder = new RowDecoder(this.schemas, this.fields, UNRESTRICTED, this.seed, READ_ROWS);
    let encoders: readonly FieldEncoder[] | null = null;
    let first = 0;
    for await (const batch of source.batches(READ_ROWS)) {
      encoders ??= this.fields.map((field) => new FieldEncoder(field, dictionaryOf(batch.columns[field.column]!)));
      const { rowCount } = batch;
      const tokens = await this.#tokensOf(batch, encoders, context);
      const columns = decoder.blank(rowCount);
      decoder.decode(tokens, first, rowCount, columns, 0);
      first += rowCount;
      yield { rowCount, columns };
    }
  }

  /** By field: the tokens of a batch, those of its gaps drawn. */
  async #tokensOf(batch: TableBatch, encoders: readonly FieldEncoder[], context: RunContext): Promise<Uint16Array[]> {
    const columns = this.fields.map(({ column }) => batch.columns[column]!);
    const tokens = encoders.map((encoder, f) => {
      const own = new Uint16Array(batch.rowCount);
      encoder.encode(columns[f]!, own, 0);
      return own;
    });
    const knows = (f: number, i: number) => encoders[f]!.knows(columns[f]!, i);
    const gaps = rowsWithGaps(batch);
    for (let start = 0; start < gaps.length; start += this.#rows) {
      await context.tick();
      await this.#fillRows(gaps.slice(start, start + this.#rows), tokens, knows);
    }
    return tokens;
  }

  async #fillRows(
    rows: readonly number[],
    tokens: readonly Uint16Array[],
    knows: (field: number, row: number) => boolean,
  ): Promise<void> {
    this.#writeGiven(rows, tokens, knows);
    this.#stream.fillUniform(this.#uniforms, this.#pass * this.#uniforms.length);
    const feed: Feed = { uniforms: this.#uniforms, ...this.#feed };
    const { tokens: drawn, weights } = await this.program.run('draw', feed);
    const base = this.#pass++ * this.#rows;
    const chosen = chooseCandidates(weights!, FILL_CANDIDATES, (i) => this.#choice.uniformAt(base + i));
    const { fields } = this.layout;
    rows.forEach((row, i) => {
      for (let f = 0; f < fields; f++) {
        if (this.#feed.known[i * fields + f] === 0) tokens[f]![row] = drawn![chosen[i]! * fields + f]!;
      }
    });
  }

  #writeGiven(
    rows: readonly number[],
    tokens: readonly Uint16Array[],
    knows: (field: number, row: number) => boolean,
  ): void {
    const { given, known } = this.#feed;
    const { fields, width, offsets } = this.layout;
    given.fill(0);
    known.fill(0);
    rows.forEach((row, i) => {
      for (let f = 0; f < fields; f++) {
        if (!knows(f, row)) continue;
        given[i * width + offsets[f]! + tokens[f]![row]!] = 1;
        known[i * fields + f] = 1;
      }
    });
  }
}

function dictionaryOf(column: Column): readonly string[] {
  return isCoded(column) ? column.dictionary : [];
}

function rowsWithGaps({ rowCount, columns }: TableBatch): number[] {
  const isGap = columns.map((column) => {
    return isCoded(column) ? (i: number) => column.codes[i]! < 0 : (i: number) => !Number.isFinite(column.values[i]!);
  });
  return Array.from({ length: rowCount }, (_, i) => i).filter((i) => isGap.some((test) => test(i)));
}

/** Log weights of tokens: a gap is never filled with a missing cell, but where a column has nothing else. */
function presentTokens({ width, offsets }: Layout, fields: readonly Field[]): Float32Array {
  const allowed = new Float32Array(width);
  fields.forEach((field, f) => {
    if (field.missing >= 0 && stretchCount(field) > 0) allowed[offsets[f]! + field.missing] = FORBIDDEN;
  });
  return allowed;
}
