import { logGamma } from '../../src/core/plugin-api/index.js';

/** Guesses about canaries that one run put in or left out by a fair coin each. */
export interface AuditOutcome {
  readonly canaries: number;
  readonly guesses: number;
  readonly correct: number;
}

/**
 * The largest epsilon that the outcome refutes at the given confidence: with fewer, so many right guesses are that unlikely.
 * Steinke, Nasr and Jagielski, "Privacy auditing with one (1) training run" (NeurIPS 2023, arXiv 2305.08846), theorem 5.2.
 */
export function epsilonLowerBound(outcome: AuditOutcome, delta: number, confidence = 0.95): number {
  let low = 0;
  let high = 50;
  if (probabilityBound(outcome, 0, delta) >= 1 - confidence) return 0;
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (probabilityBound(outcome, middle, delta) < 1 - confidence) low = middle;
    else high = middle;
  }
  return low;
}

/** Bounds the probability of as many right guesses or more, under (ε, δ) differential privacy. */
function probabilityBound({ canaries, guesses, correct }: AuditOutcome, epsilon: number, delta: number): number {
  const p = 1 / (1 + Math.exp(-epsilon));
  let tail = 0;
  for (let k = correct; k <= guesses; k++) tail += binomial(guesses, k, p);
  let worst = 0;
  let below = 0;
  for (let i = 1; i <= correct; i++) {
    below += binomial(guesses, correct - i, p);
    worst = Math.max(worst, below / i);
  }
  return Math.min(1, tail + 2 * canaries * delta * worst);
}

function binomial(n: number, k: number, p: number): number {
  const logChoose = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** Guesses that the canaries of the highest scores were in and those of the lowest out, a fixed number of each. */
export function guess(scores: readonly number[], included: readonly boolean[], guesses: number): AuditOutcome {
  const order = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]!);
  const each = guesses / 2;
  const right =
    order.slice(0, each).filter((i) => included[i]).length + order.slice(-each).filter((i) => !included[i]).length;
  return { canaries: scores.length, guesses, correct: right };
}
