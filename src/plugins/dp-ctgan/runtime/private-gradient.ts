import {
  fillNormalNoise,
  NO_CODE,
  poissonSample,
  type NoiseSource,
  type ProgramSet,
  type TableCodes,
} from '../../../core/plugin-api/index.js';
import { CHUNK_ROWS, type Networks, type TrainingEntry } from './programs.js';
import { parameterCount } from './tensors.js';

export interface PrivateGradientOptions {
  readonly samplingRate: number;
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  /** Noisy or declared: what a batch is expected to hold. */
  readonly expectedBatch: number;
}

/**
 * The one way by which training sees the table: the critic's gradient over a Poisson sample of the rows, clipped row by row,
 * with normal noise of deviation noiseMultiplier·clipNorm, over the expected number of rows. A batch of any size is summed in
 * parts of a fixed size, so that no row is ever left out.
 */
export class PrivateGradient {
  readonly #offsets: Int32Array;
  readonly #rows: Float32Array;
  readonly #mask = new Float32Array(CHUNK_ROWS);
  readonly #sum: Float64Array;
  readonly #chunkSum: Float32Array;
  readonly #noise: Float64Array;

  constructor(
    private readonly table: TableCodes,
    private readonly networks: Networks,
    private readonly source: NoiseSource,
    private readonly options: PrivateGradientOptions,
  ) {
    let offset = 0;
    this.#offsets = Int32Array.from(networks.columns, ({ codes }) => (offset += codes) - codes);
    this.#rows = new Float32Array(CHUNK_ROWS * networks.width);
    this.#sum = new Float64Array(parameterCount(networks.critic));
    this.#chunkSum = new Float32Array(this.#sum.length);
    this.#noise = new Float64Array(this.#sum.length);
  }

  async next(programs: ProgramSet<TrainingEntry>): Promise<Float32Array> {
    const { samplingRate, clipNorm, noiseMultiplier, expectedBatch } = this.options;
    const members = poissonSample(this.source, this.table.rowCount, samplingRate);
    this.#sum.fill(0);
    for (let start = 0; start < members.length; start += CHUNK_ROWS) {
      this.#fill(members, start);
      await programs.run('realGradient', { rows: this.#rows, mask: this.#mask }, { sum: this.#chunkSum });
      for (let k = 0; k < this.#sum.length; k++) this.#sum[k]! += this.#chunkSum[k]!;
    }
    fillNormalNoise(this.source, noiseMultiplier * clipNorm, this.#noise);
    return Float32Array.from(this.#sum, (value, k) => (value + this.#noise[k]!) / expectedBatch);
  }

  /** One-hot rows of the members from `start` on. */
  #fill(members: readonly number[], start: number): void {
    const { codes, columnCount } = this.table;
    const { width } = this.networks;
    this.#rows.fill(0);
    this.#mask.fill(0);
    for (let i = 0; i < CHUNK_ROWS && start + i < members.length; i++) {
      this.#mask[i] = 1;
      const row = members[start + i]! * columnCount;
      for (let c = 0; c < columnCount; c++) {
        const code = codes[row + c]!;
        if (code !== NO_CODE) this.#rows[i * width + this.#offsets[c]! + code] = 1;
      }
    }
  }
}
