/**
 * Audits the private generators, DP-CTGAN by its gradients and its saved model, the autoregressive one by its relations:
 * canary rows go in by the toss of a coin, and from what is let out one guesses which. The lower bound on epsilon that the
 * right guesses prove (95 % confidence) must stay below the epsilon that is reported; and the same audit must find the leak
 * where noise, clipping or the noise on frequencies or relations is taken out.
 */
import { createCompute } from '../../src/core/compute/index.js';
import type { PrivacySpent } from '../../src/core/plugin-api/index.js';
import { auditModel } from './audit-model.js';
import { auditRelations } from './audit-relations.js';
import { auditTraining } from './audit-training.js';
import { epsilonLowerBound, type AuditOutcome } from './one-run-bound.js';

const BUDGET: PrivacySpent = { epsilon: 2, delta: 1e-6 };
const compute = await createCompute();

const audits: readonly { name: string; leaks: boolean; run: () => Promise<AuditOutcome> }[] = [
  { name: 'gradients', leaks: false, run: () => auditTraining(compute, BUDGET, 'none') },
  { name: 'gradients without noise', leaks: true, run: () => auditTraining(compute, BUDGET, 'no noise') },
  { name: 'gradients without clipping', leaks: true, run: () => auditTraining(compute, BUDGET, 'no clipping') },
  { name: 'saved model', leaks: false, run: () => auditModel(compute, BUDGET, 'none') },
  { name: 'saved model, exact frequencies', leaks: true, run: () => auditModel(compute, BUDGET, 'exact frequencies') },
  { name: 'relations', leaks: false, run: () => auditRelations(BUDGET, 'none') },
  { name: 'relations without noise', leaks: true, run: () => auditRelations(BUDGET, 'no noise') },
];

let failed = 0;
console.log(`Reported: epsilon ${BUDGET.epsilon} at delta ${BUDGET.delta}`);
for (const { name, leaks, run } of audits) {
  const outcome = await run();
  const bound = epsilonLowerBound(outcome, BUDGET.delta);
  const asWished = bound > BUDGET.epsilon === leaks;
  if (!asWished) failed++;
  const verdict = bound > BUDGET.epsilon ? 'LEAKS' : 'holds';
  console.log(
    `${asWished ? 'ok  ' : 'FAIL'} ${name.padEnd(32)} ${outcome.correct} of ${outcome.guesses} right, epsilon ≥ ${bound.toFixed(2)}: ${verdict}`,
  );
}
console.log(failed === 0 ? 'The audit found what it should, and nothing else.' : `${failed} not as they should be.`);
process.exitCode = failed === 0 ? 0 : 1;
