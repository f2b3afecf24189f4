import type { PrivacyLedgerEntry } from '../generator.js';
import type { PrivacySpent } from '../run-context.js';
import { PrivacyBudgetError } from './accounting/calibrate.js';
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
  readonly #charges: LedgerCharge[] = [];

  constructor(readonly budget: PrivacySpent) {}

  /** @throws PrivacyBudgetError, and charges nothing, when the charges together with the earlier ones pass the budget. */
  charge(charges: readonly LedgerCharge[]): void {
    const runs = [...this.runs(), ...charges.flatMap((charge) => charge.runs)];
    const epsilon = epsilonOf(mergeRuns(runs), this.budget.delta);
    if (epsilon > this.budget.epsilon) {
      throw new PrivacyBudgetError(
        `${charges.map(({ mechanism }) => mechanism).join(', ')} would bring epsilon to ${epsilon.toPrecision(4)} of ${this.budget.epsilon}`,
      );
    }
    this.#charges.push(...charges);
  }

  /** All runs so far, for an accountant. */
  runs(): readonly MechanismRuns[] {
    return mergeRuns(this.#charges.flatMap(({ runs }) => runs));
  }

  /** What all entries cost together at the budget's delta: less than their sum. */
  spent(): PrivacySpent {
    return { epsilon: epsilonOf(this.runs(), this.budget.delta), delta: this.budget.delta };
  }

  /** Each charge with what it would cost alone, at the budget's delta (0 where it has no use for one). */
  entries(): readonly PrivacyLedgerEntry[] {
    return this.#charges.map(({ mechanism, reads, runs }) => {
      const pure = runs.every((run) => run.mechanism.type === 'approximate' && run.mechanism.delta === 0);
      if (pure) return { mechanism, reads, epsilon: pureEpsilon(runs), delta: 0 };
      return { mechanism, reads, epsilon: epsilonOf(mergeRuns(runs), this.budget.delta), delta: this.budget.delta };
    });
  }
}

function pureEpsilon(runs: readonly MechanismRuns[]): number {
  return runs.reduce(
    (sum, { mechanism, count }) => sum + (mechanism.type === 'approximate' ? count * mechanism.epsilon : 0),
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
