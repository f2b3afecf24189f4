import { RandomStream, type ProgramSet } from '../../../core/plugin-api/index.js';
import { SAMPLE_ROWS, uniformsPerRow, type Networks } from './programs.js';

/** A block of generated rows as codes, row after row, and the index of its first row. */
export interface CodeBlock {
  readonly first: number;
  readonly codes: Float32Array;
}

/** Blocks of {@link SAMPLE_ROWS} rows without end. Row i depends on the seed and i alone. */
export async function* codeBlocks(
  programs: ProgramSet<'codes'>,
  networks: Networks,
  seed: number,
): AsyncGenerator<CodeBlock, never> {
  const random = new RandomStream(seed, 'dp-ctgan.sample');
  const uniforms = new Float32Array(SAMPLE_ROWS * uniformsPerRow(networks));
  for (let block = 0; ; block++) {
    random.fillUniform(uniforms, block * uniforms.length);
    const { codes } = await programs.run('codes', { uniforms });
    yield { first: block * SAMPLE_ROWS, codes: codes! };
  }
}
