import { RandomStream, type RunContext } from '../../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../../config.js';

/** One training, and the rows that it is judged by. */
export interface Trial {
  readonly epochs: number;
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/** Tables of so many rows and more are seen `epochs` times, which they do not over-fit in. */
const LARGE_TABLE = 8192;
const HELD_OUT = 0.1;
const FEWEST_HELD_OUT = 8;
/** Of `epochs`, in the order in which they are tried; the first that does worse than the one before ends the search. */
const LENGTHS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4] as const;

/**
 * How often to see the rows: small tables are over-fitted easily, so that each length of training is tried on nine tenths
 * of the rows, and the one that predicts the last tenth best is taken. Each has the whole schedule of its learning rate.
 * @param loss of the validation rows after training on the others.
 */
export async function chooseEpochs(
  rowCount: number,
  { epochs, choose_length }: AutoregressiveConfig,
  context: RunContext,
  loss: (trial: Trial) => Promise<number>,
): Promise<number> {
  const heldOut = Math.floor(rowCount * HELD_OUT);
  if (!choose_length || rowCount >= LARGE_TABLE || heldOut < FEWEST_HELD_OUT) return epochs;
  const rows = Int32Array.from({ length: rowCount }, (_, row) => row);
  new RandomStream(context.seed, 'autoregressive.validation').shuffle(rows);
  const split = { validation: rows.subarray(0, heldOut), training: rows.subarray(heldOut) };
  let best = epochs;
  let least = Infinity;
  for (const length of LENGTHS) {
    const tried = await loss({ epochs: epochs * length, ...split });
    if (tried >= least) break;
    least = tried;
    best = epochs * length;
  }
  return best;
}
