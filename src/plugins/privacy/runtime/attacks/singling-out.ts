import { type Rate, type RunContext, successRate } from '../../../../core/plugin-api/index.js';
import type { Release } from '../release.js';
import { type Attempt, failed, whyNoAttack } from './attack-result.js';
import { ChanceOfSinglingOut } from './chance-of-singling-out.js';
import { multivariateQueries, univariateQueries } from './make-queries.js';
import { countMatches, type Query } from './query.js';

export interface SinglingOutAttempts {
  readonly univariate: Attempt;
  readonly multivariate: Attempt;
}

/**
 * The attacker takes conditions that one released row alone meets, and hopes that one person alone meets them too (Giomi
 * et al., PoPETS 2023).
 */
export async function attackBySinglingOut(
  release: Release,
  options: { readonly attacks: number; readonly columns: number },
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<SinglingOutAttempts> {
  const { released, training, control } = release;
  const reason = whyNoAttack(released.table.rowCount, training.table.rowCount, control?.table.rowCount ?? null);
  if (reason !== null) return { univariate: failed(reason), multivariate: failed(reason) };
  const univariate = univariateQueries(released.rows, options.attacks, context.seed);
  await context.tick();
  const multivariate = await multivariateQueries(released.rows, options.columns, options.attacks, context);
  return {
    univariate: await attack(release, univariate, context),
    multivariate: await attack(release, multivariate, context),
  };
}

async function attack(
  { training, control }: Release,
  queries: readonly Query[],
  context: Pick<RunContext, 'tick'>,
): Promise<Attempt> {
  if (queries.length === 0) return failed('No condition singles out a released row');
  const chance = new ChanceOfSinglingOut(training.table.rowCount, control!.table.rowCount);
  let successes = 0;
  for (const query of queries) {
    const inside = countMatches(query, training.rows);
    if (inside === 1) successes++;
    else chance.addFailure(inside + countMatches(query, control!.rows));
    await context.tick();
  }
  const attacks = queries.length;
  return { result: { attacks, attack: successRate(successes, attacks), control: rateByChance(chance, attacks) } };
}

const Z = 1.959963984540054;

/** The centre is drawn to ½ as Wilson's is, so that both rates err alike. */
function rateByChance(chance: ChanceOfSinglingOut, attacks: number): Rate {
  const expected = Math.min(attacks, chance.expected);
  return { value: successRate(expected, attacks).value, error: (Z * chance.spread) / attacks };
}
