import type { RunContext } from '../../../../core/plugin-api/index.js';
import type { TokenTable } from '../coding/token-table.js';
import { copulaOf } from './copula.js';
import { type Layout, sum } from './layout.js';
import { ANCHOR, LINE_UNITS } from './prior.js';
import { LINE, type RankBasis } from './rank-basis.js';

/**
 * Gives each number two units, by which the network begins as the numbers' Gaussian copula: of scores x with mean m and
 * precision p, given the numbers before, the logarithm of the density against the standard normal one is
 * p·m·x − (p − 1)·x²/2 and what does not depend on x. The first term is the units', the second the tokens' base.
 * @param parts written to: the parts that the network is trained in, and the anchors of `ranksIn` and `ranksOut`.
 */
export async function startAsCopula(
  parts: Readonly<Record<string, Float32Array>>,
  layout: Layout,
  table: TokenTable,
  basis: RankBasis,
  context: Pick<RunContext, 'tick'>,
): Promise<void> {
  const { hidden, fields, offsets } = layout;
  const units = fields * hidden;
  const lineOf = basis.sizes.map((_, f) => sum(basis.sizes.slice(0, f)));
  for (const { field, slopes, precision } of await copulaOf(table, basis, context)) {
    // Spread evenly over both matrices, whose functions are LINE times the scores.
    const weight = Math.sqrt(precision) / LINE;
    for (let k = 0; k < LINE_UNITS; k++) {
      const sign = k === 0 ? 1 : -1;
      const unit = field * hidden + k;
      for (const name of ['input', 'known', 'ranksIn']) clearColumn(parts[name]!, unit, units);
      for (const name of ['ranksIn', `${ANCHOR}ranksIn`]) {
        for (const earlier of slopes)
          parts[name]![lineOf[earlier.field]! * units + unit] = sign * earlier.slope * weight;
      }
      for (const name of ['ranksOut', `${ANCHOR}ranksOut`]) parts[name]![lineOf[field]! * hidden + k] = sign * weight;
    }
    basis.functions[field]![0]!.forEach((value, token) => {
      parts['base']![offsets[field]! + token]! -= ((precision - 1) * (value / LINE) ** 2) / 2;
    });
  }
}

function clearColumn(matrix: Float32Array, column: number, columns: number): void {
  for (let i = column; i < matrix.length; i += columns) matrix[i] = 0;
}
