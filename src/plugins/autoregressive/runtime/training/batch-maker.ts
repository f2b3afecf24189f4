import { type Feed, RandomStream } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import type { Layout } from '../network/layout.js';
import { tokenBlocks } from '../network/blocks.js';
import { isReadOneHot } from '../network/unit-sums.js';
import { oneHotName } from './training-program.js';

/** One-hot columns of a field, among those of its block. */
interface OneHot {
  /** Null where nobody reads them. */
  readonly values: Float32Array | null;
  /** Of a row. */
  readonly width: number;
  readonly offset: number;
}

/**
 * Makes what a step is given. Everything random about a step comes from places of its streams that depend on the step
 * alone, so that a run that goes on from a checkpoint sees the same numbers. Arrays are filled anew by the next call.
 */
export class BatchMaker {
  readonly #feed: Feed;
  readonly #tokens: Float32Array;
  /** By field, where its tokens are written one-hot. */
  readonly #oneHots: readonly OneHot[];
  readonly #known: Float32Array;
  readonly #cells: Float32Array;
  readonly #uniforms: Float32Array;
  readonly #stream: RandomStream;
  readonly #fields: Int32Array;
  readonly #order: Int32Array;
  #epoch = -1;

  /** @param options `given`: in so many rows of a batch, the first, cells are given. */
  constructor(
    private readonly layout: Layout,
    private readonly table: TokenTable,
    private readonly options: { readonly batch: number; readonly given: number; readonly seed: number },
  ) {
    const { batch, given, seed } = options;
    const { fields, offsets } = layout;
    this.#tokens = new Float32Array(fields * batch);
    this.#known = new Float32Array(given * fields);
    this.#cells = new Float32Array(batch * fields);
    const blocks = tokenBlocks(layout);
    const oneHots = blocks.map((block) => (isReadOneHot(layout, block) ? new Float32Array(batch * block.own) : null));
    this.#oneHots = blocks.flatMap(({ field, fields: count, own: width, before }, b) =>
      offsets.slice(field, field + count).map((offset): OneHot => {
        return { values: oneHots[b]!, width, offset: offset - before };
      }),
    );
    this.#feed = {
      tokens: this.#tokens,
      cells: this.#cells,
      ...(given > 0 && { known: this.#known }),
      ...Object.fromEntries(oneHots.flatMap((values, b) => (values === null ? [] : [[oneHotName(b), values]]))),
    };
    this.#uniforms = new Float32Array(given * (layout.fields + 1));
    this.#stream = new RandomStream(seed, 'autoregressive.given');
    this.#fields = Int32Array.from({ length: layout.fields }, (_, f) => f);
    this.#order = new Int32Array(table.rowCount);
  }

  get stepsPerEpoch(): number {
    return Math.max(1, Math.floor(this.table.rowCount / this.options.batch));
  }

  /** Rows of step `step`, from 0. Given cells are not predicted. */
  training(step: number): Feed {
    this.#shuffleFor(Math.floor(step / this.stepsPerEpoch));
    const { batch, given } = this.options;
    this.#stream.fillUniform(this.#uniforms, step * this.#uniforms.length);
    this.#known.fill(0);
    this.#cells.fill(1);
    const first = (step % this.stepsPerEpoch) * batch;
    for (let i = 0; i < given; i++) this.#chooseGiven(i);
    for (let i = 0; i < batch; i++) this.#writeRow(i, this.#order[(first + i) % this.#order.length]!);
    return this.#feed;
  }

  #shuffleFor(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#order.forEach((_, row) => (this.#order[row] = row));
    new RandomStream(this.options.seed, `autoregressive.order.${epoch}`).shuffle(this.#order);
  }

  /** In place of the row that was there before. */
  #writeRow(i: number, row: number): void {
    const { batch } = this.options;
    const { fields } = this.layout;
    for (let f = 0; f < fields; f++) {
      const [before, token] = [this.#tokens[f * batch + i]!, this.table.tokens[f]![row]!];
      this.#tokens[f * batch + i] = token;
      replace(this.#oneHots[f]!, i, before, token);
    }
  }

  /** A random set of 1 to all but one cells of row i. */
  #chooseGiven(i: number): void {
    const count = this.layout.fields;
    const at = i * (count + 1);
    const uniforms = this.#uniforms;
    const given = Math.min(count - 1, 1 + Math.floor(uniforms[at]! * (count - 1)));
    // The first places of a shuffle that starts from the order it always starts from.
    for (let f = 0; f < count; f++) this.#fields[f] = f;
    for (let place = 0; place < given; place++) {
      const other = place + Math.floor(uniforms[at + 1 + place]! * (count - place));
      const field = this.#fields[other]!;
      this.#fields[other] = this.#fields[place]!;
      this.#fields[place] = field;
      this.#known[i * count + field] = 1;
      this.#cells[i * count + field] = 0;
    }
  }
}

function replace({ values, width, offset }: OneHot, row: number, before: number, token: number): void {
  if (values === null) return;
  const start = row * width + offset;
  values[start + before] = 0;
  values[start + token] = 1;
}
