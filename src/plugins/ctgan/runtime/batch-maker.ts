import { type Feed, RandomStream } from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { ConditionSampler, RowsByCondition } from './condition-sampler.js';
import { fillMasks, wordsOf } from './dropout-masks.js';
import type { Layout } from './layout.js';
import type { EncodedTable, TableEncoding } from './table-encoding.js';

const NO_CONDITION = -1;
/** Uniform numbers for a row of a batch: its condition's column and category, its real row, its place among the conditions, its pack's mixture. */
const PICKS_PER_ROW = 5;

/**
 * Makes what a training step is given. Everything random about update number `u` comes from streams at places that
 * depend on `u` alone, so that a run that goes on from a checkpoint sees the same numbers. Arrays are filled anew by the next call.
 */
export class BatchMaker {
  readonly #noise: RandomStream;
  readonly #gumbel: RandomStream;
  readonly #picks: RandomStream;
  readonly #dropout: RandomStream;
  readonly #conditions: ConditionSampler;
  readonly #rows: RowsByCondition;
  readonly #batch: number;
  readonly #criticFeed: Record<string, Float32Array>;
  readonly #generatorFeed: Record<string, Float32Array>;
  /** Uniform numbers of this update, {@link PICKS_PER_ROW} for each row. */
  readonly #numbers: Float64Array;
  readonly #chosen: Int32Array;
  readonly #order: Int32Array;
  /** The training row that each real row of this batch is. */
  readonly #realRows: Int32Array;

  constructor(
    private readonly layout: Layout,
    private readonly config: CtganConfig,
    encoding: TableEncoding,
    private readonly encoded: EncodedTable,
    seed: number,
  ) {
    const weigh = config.log_frequency ? (count: number) => Math.log(count + 1) : (count: number) => count;
    this.#noise = new RandomStream(seed, 'ctgan.noise');
    this.#gumbel = new RandomStream(seed, 'ctgan.gumbel');
    this.#picks = new RandomStream(seed, 'ctgan.picks');
    this.#dropout = new RandomStream(seed, 'ctgan.dropout');
    this.#conditions = new ConditionSampler(layout, encoding, weigh);
    this.#rows = new RowsByCondition(layout, encoded);
    const batch = (this.#batch = config.batch_size);
    const packs = batch / config.pac;
    this.#numbers = new Float64Array(batch * PICKS_PER_ROW);
    this.#chosen = new Int32Array(batch);
    this.#order = new Int32Array(batch);
    this.#realRows = new Int32Array(batch);
    this.#generatorFeed = { ...this.#blankNoise(), ...this.#blankPacked(batch), ...this.#blankMasks('mask', packs) };
    this.#criticFeed = {
      ...this.#blankNoise(),
      ...this.#blankPacked(2 * batch),
      ...this.#blankMasks('mask', 2 * packs),
      ...this.#blankMasks('penaltymask', packs),
      real: new Float32Array(batch * layout.width),
      mix: new Float32Array(packs),
    };
  }

  /** For the critic's update number `update` of the whole run. */
  critic(update: number): Feed {
    const feed = this.#criticFeed;
    this.#fillNoise(feed, update);
    this.#fillDropout(feed, update);
    this.#fillPicks(update);
    this.#chooseConditions(feed);
    this.#fillRealRows();
    feed['mix']!.forEach((_, i) => (feed['mix']![i] = this.#pick(i, 4)));
    return feed;
  }

  /** For the generator's update; `update` counts the critic's and the generator's together. */
  generator(update: number): Feed {
    const feed = this.#generatorFeed;
    this.#fillNoise(feed, update);
    this.#fillDropout(feed, update);
    this.#fillPicks(update);
    this.#chooseConditions(feed);
    return feed;
  }

  /** For reading the moments of a batch. */
  moments(update: number): Feed {
    const { noise, condition } = this.generator(update);
    return { noise: noise!, ...(condition && { condition }) };
  }

  #blankNoise(): Record<string, Float32Array> {
    const { layout } = this;
    return {
      noise: new Float32Array(this.#batch * this.config.embedding_dim),
      gumbel: new Float32Array(this.#batch * (layout.width - layout.scalars.length)),
      ...(layout.conditions > 0 && { condition: new Float32Array(this.#batch) }),
    };
  }

  #blankPacked(rows: number): Record<string, Float32Array> {
    return this.layout.conditions > 0 ? { packed: new Float32Array(rows) } : {};
  }

  #blankMasks(prefix: string, packs: number): Record<string, Float32Array> {
    const widths = this.config.discriminator_dim;
    return Object.fromEntries(widths.map((n, layer) => [`${prefix}${layer}`, new Float32Array(packs * n)]));
  }

  #fillNoise(feed: Record<string, Float32Array>, update: number): void {
    const { noise, gumbel } = feed as { noise: Float32Array; gumbel: Float32Array };
    this.#noise.fillNormal(noise, update * noise.length);
    this.#gumbel.fillUniform(gumbel, update * gumbel.length);
  }

  #fillDropout(feed: Record<string, Float32Array>, update: number): void {
    fillMasks(masksOf(feed), this.#dropout, update * wordsOf(masksOf(this.#criticFeed)));
  }

  /** The conditions of the generated rows; the critic's real rows use the same in another order. */
  #chooseConditions(feed: Record<string, Float32Array>): void {
    if (this.layout.conditions === 0) return;
    const { condition, packed } = feed as { condition: Float32Array; packed: Float32Array };
    for (let i = 0; i < this.#batch; i++) {
      const chosen = this.#conditions.pick(this.#pick(i, 0), this.#pick(i, 1));
      this.#chosen[i] = chosen;
      condition[i] = chosen;
      packed[packed.length - this.#batch + i] = this.#packedIndex(i, chosen);
    }
  }

  /** A condition's index among those of its pack. */
  #packedIndex(row: number, condition: number): number {
    return (row % this.config.pac) * this.layout.conditions + condition;
  }

  #fillRealRows(): void {
    const { real, packed } = this.#criticFeed as { real: Float32Array; packed?: Float32Array };
    real.fill(0);
    this.#shuffleOrder();
    for (let i = 0; i < this.#batch; i++) {
      const condition = packed === undefined ? NO_CONDITION : this.#chosen[this.#order[i]!]!;
      if (packed !== undefined) packed[i] = this.#packedIndex(i, condition);
      this.#realRows[i] = this.#rows.pick(condition, this.#pick(i, 2));
    }
    this.#writeRows(real);
  }

  /** Column by column: the look-ups of one do not wait for each other, as those of a row's cells do. */
  #writeRows(out: Float32Array): void {
    const { scalars, segments, width } = this.layout;
    const rows = this.#realRows;
    scalars.forEach((column, s) => {
      const values = this.encoded.scalars[column]!;
      for (let i = 0, at = s; i < rows.length; i++, at += width) out[at] = values[rows[i]!]!;
    });
    for (const { column, offset } of segments) {
      const components = this.encoded.components[column]!;
      for (let i = 0, start = offset; i < rows.length; i++, start += width) out[start + components[rows[i]!]!] = 1;
    }
  }

  #shuffleOrder(): void {
    const order = this.#order;
    for (let i = 0; i < order.length; i++) {
      const j = Math.floor(this.#pick(i, 3) * (i + 1));
      order[i] = order[j]!;
      order[j] = i;
    }
  }

  #pick(row: number, which: number): number {
    return this.#numbers[row * PICKS_PER_ROW + which]!;
  }

  #fillPicks(update: number): void {
    this.#picks.fillPrecise(this.#numbers, update * this.#numbers.length);
  }
}

function masksOf(feed: Record<string, Float32Array>): Float32Array[] {
  return Object.entries(feed).flatMap(([name, mask]) => (name.includes('mask') ? [mask] : []));
}
