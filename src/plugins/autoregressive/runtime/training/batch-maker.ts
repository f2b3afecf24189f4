import { type Feed, RandomStream } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import type { Layout } from '../network/layout.js';

/**
 * Makes what a step is given. Everything random about a step comes from places of its streams that depend on the step
 * alone, so that a run that goes on from a checkpoint sees the same numbers. Arrays are filled anew by the next call.
 */
export class BatchMaker {
  readonly #rows: Float32Array;
  readonly #known: Float32Array;
  readonly #weight: Float32Array;
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
    this.#rows = new Float32Array(batch * layout.width);
    this.#known = new Float32Array(given * layout.fields);
    this.#weight = new Float32Array(batch * layout.fields);
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
    this.#rows.fill(0);
    this.#known.fill(0);
    this.#weight.fill(1);
    const first = (step % this.stepsPerEpoch) * batch;
    for (let i = 0; i < batch; i++) {
      this.#writeRow(i, this.#order[(first + i) % this.#order.length]!);
      if (i < given) this.#chooseGiven(i);
    }
    return { rows: this.#rows, weight: this.#weight, ...(given > 0 && { known: this.#known }) };
  }

  #shuffleFor(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#order.forEach((_, row) => (this.#order[row] = row));
    new RandomStream(this.options.seed, `autoregressive.order.${epoch}`).shuffle(this.#order);
  }

  #writeRow(i: number, row: number): void {
    const { offsets, width } = this.layout;
    const { tokens } = this.table;
    for (let f = 0; f < offsets.length; f++) this.#rows[i * width + offsets[f]! + tokens[f]![row]!] = 1;
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
      this.#weight[i * count + field] = 0;
    }
  }
}
