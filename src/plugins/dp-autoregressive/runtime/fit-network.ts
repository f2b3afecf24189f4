import { RandomStream, type RunContext } from '../../../core/plugin-api/index.js';
import type { ColumnFeatures } from './column-features.js';
import { ColumnPredictor, effectsOf, type ColumnNetwork } from './column-network.js';
import { fitColumn } from './fit-column.js';
import type { Relations } from './relations.js';

/** Rows drawn between two ticks, in codes. */
const CODES_PER_TICK = 2 ** 18;

export interface FittingSize {
  /** Generated rows that each column is fitted on. */
  readonly rows: number;
  readonly steps: number;
}

/** Fits the columns in turn, each on rows that the columns before it generate. Sees nothing but what was released. */
export async function fitNetwork(
  features: readonly ColumnFeatures[],
  relations: Relations,
  { rows: rowCount, steps }: FittingSize,
  context: RunContext,
  onColumn: (done: number) => void,
): Promise<ColumnNetwork[]> {
  const networks: ColumnNetwork[] = [];
  const rows: Uint16Array[] = [];
  for (const [c, own] of features.entries()) {
    await context.tick();
    const earlier = features.slice(0, c);
    const network = await fitColumn(own, earlier, relations[c]!, rows, steps, context);
    networks.push(network);
    const effects = earlier.map((column, e) =>
      effectsOf(column, own.size, network.weights[e]!, new Float64Array(column.codes * own.size)),
    );
    const predictor = new ColumnPredictor(own, network.bias, effects);
    rows.push(
      await drawColumn(predictor, own.codes, rows, rowCount, new RandomStream(context.seed, `fit.${c}`), context),
    );
    onColumn(c + 1);
  }
  return networks;
}

async function drawColumn(
  predictor: ColumnPredictor,
  codes: number,
  earlier: readonly Uint16Array[],
  rowCount: number,
  random: RandomStream,
  { tick }: RunContext,
): Promise<Uint16Array> {
  const drawn = new Uint16Array(rowCount);
  const shares = new Float64Array(codes);
  const stride = Math.max(1, Math.floor(CODES_PER_TICK / codes));
  for (let row = 0; row < rowCount; row++) {
    if (row % stride === 0) await tick();
    predictor.predict(earlier, row, shares);
    drawn[row] = pick(shares, random.uniformAt(row));
  }
  return drawn;
}

/** The code at which the running sum of shares passes `uniform` times their sum. */
export function pick(shares: Float64Array, uniform: number): number {
  let left = uniform * shares.reduce((sum, share) => sum + share, 0);
  for (let code = 0; code < shares.length; code++) {
    left -= shares[code]!;
    if (left < 0) return code;
  }
  return shares.findLastIndex((share) => share > 0);
}
