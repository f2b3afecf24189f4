import {
  decodeColumn,
  RandomStream,
  type Column,
  type ColumnCoding,
  type ProgramSet,
} from '../../../core/plugin-api/index.js';
import { SAMPLE_ROWS, uniformsPerRow, type Networks } from './programs.js';

export interface Block {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** Generated rows without end, block by block. Row i depends on the model, the seed and i alone. */
export class GeneratedBlocks {
  readonly #random: RandomStream;
  readonly #positions: RandomStream;
  readonly #uniforms: Float32Array;
  #block = 0;

  constructor(
    private readonly programs: ProgramSet<'codes'>,
    networks: Networks,
    private readonly codings: readonly ColumnCoding[],
    seed: number,
  ) {
    this.#random = new RandomStream(seed, 'dp-ctgan.sample');
    this.#positions = new RandomStream(seed, 'dp-ctgan.positions');
    this.#uniforms = new Float32Array(SAMPLE_ROWS * uniformsPerRow(networks));
  }

  async next(): Promise<Block> {
    this.#random.fillUniform(this.#uniforms, this.#block * this.#uniforms.length);
    const { codes } = await this.programs.run('codes', { uniforms: this.#uniforms });
    const first = this.#block++ * SAMPLE_ROWS;
    const count = this.codings.length;
    const columns = this.codings.map((coding, c) => {
      const own = Float32Array.from({ length: SAMPLE_ROWS }, (_, row) => codes![row * count + c]!);
      return decodeColumn(coding, own, (row) => this.#positions.uniformAt((first + row) * count + c));
    });
    return { rowCount: SAMPLE_ROWS, columns };
  }
}
