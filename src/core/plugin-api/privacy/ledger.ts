import type { PrivacyLedgerEntry } from '../generator.js';
import type { PrivacySpent } from '../run-context.js';
import { PrivacyBudgetError } from './accounting/calibrate.js';
import { lossDeviation } from './accounting/discretise.js';
import type { MechanismRuns } from './accounting/mechanism.js';
import { epsilonOf } from './accounting/privacy-loss.js';

export interface LedgerCharge {
  /** The mechanism in words, its parameters included. */
  readonly mechanism: string;
  /** What of the rows it reads. */
  readonly reads: string;
  readonly runs: readonly MechanismRuns[];
}

/** All that reads the rows is charged here before it runs, and nothing passes the budget. */
export class PrivacyLedger {
  readonly #charged: { readonly charges: readonly LedgerCharge[]; readonly epsilonAfter: number }[] = [];

  constructor(readonly budget: PrivacySpent) {}

  /**
   * Charges all of them, or none.
   * @throws PrivacyBudgetError when together with the earlier ones they would pass the budget.
   */
  charge(charges: readonly LedgerCharge[]): void {
    const epsilonAfter = epsilonOf(
      mergeRuns([...this.runs(), ...charges.flatMap(({ runs }) => runs)]),
      this.budget.delta,
    );
    if (epsilonAfter > this.budget.epsilon) {
      const names = charges.map(({ mechanism }) => mechanism).join(', ');
      throw new PrivacyBudgetError(`${names} would bring epsilon to ${epsilonAfter} of ${this.budget.epsilon}`);
    }
    this.#charged.push({ charges, epsilonAfter });
  }

  /** All runs so far, for an accountant. */
  runs(): readonly MechanismRuns[] {
    return mergeRuns(this.#charged.flatMap(({ charges }) => charges.flatMap(({ runs }) => runs)));
  }

  /** What all charges cost together, at the budget's delta. */
  spent(): PrivacySpent {
    return { epsilon: this.#charged.at(-1)?.epsilonAfter ?? 0, delta: this.budget.delta };
  }

  /**
   * Each charge with its part of the total, so that the parts add up to it: what it brought the total up by; of charges made
   * together each has a part by the variance of its privacy loss. Deltas are those of mechanisms that may fail; the rest of
   * the budget's delta belongs to the composition as a whole.
   */
  entries(): readonly PrivacyLedgerEntry[] {
    return this.#charged.flatMap(({ charges, epsilonAfter }, k) => {
      const added = epsilonAfter - (this.#charged[k - 1]?.epsilonAfter ?? 0);
      const variances = charges.map(({ runs }) => lossVariance(runs));
      const total = variances.reduce((sum, variance) => sum + variance, 0);
      return charges.map(({ mechanism, reads, runs }, i) => {
        return { mechanism, reads, epsilon: (added * variances[i]!) / total, delta: failureProbability(runs) };
      });
    });
  }
}

function lossVariance(runs: readonly MechanismRuns[]): number {
  return runs.reduce((sum, { mechanism, count }) => sum + count * lossDeviation(mechanism) ** 2, 0);
}

function failureProbability(runs: readonly MechanismRuns[]): number {
  return runs.reduce(
    (sum, { mechanism, count }) => sum + (mechanism.type === 'approximate' ? count * mechanism.delta : 0),
    0,
  );
}

/** Runs of the same mechanism counted together: fewer transforms for the accountant. */
function mergeRuns(runs: readonly MechanismRuns[]): MechanismRuns[] {
  const merged = new Map<string, MechanismRuns>();
  for (const { mechanism, count } of runs) {
    const key = JSON.stringify(mechanism);
    merged.set(key, { mechanism, count: count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}
