/**
 * What chance alone would have singled out. Without memory, training rows and people outside are one crowd dealt out at
 * random: of k that meet a condition, exactly one is in training with the probability
 * p = k · N · [m]ₖ₋₁ / [N + m]ₖ (N in training, m outside; [x]ₖ the falling factorial). So every condition met by k people that
 * does not single out one in training stands for p / (1 − p) that do so by chance, whatever the sizes of the two groups.
 */
export class ChanceOfSinglingOut {
  #expected = 0;
  #variance = 0;

  constructor(
    private readonly inTraining: number,
    private readonly outside: number,
  ) {
    // One failure more or less is never ruled out: without any, the estimate is still not certain.
    this.#variance = this.#odds(1) ** 2;
  }

  addFailure(matches: number): void {
    const odds = this.#odds(matches);
    this.#expected += odds;
    this.#variance += odds * odds;
  }

  get expected(): number {
    return this.#expected;
  }

  /** Standard deviation of the expectation, by the failures counted as a Poisson number. */
  get spread(): number {
    return Math.sqrt(this.#variance);
  }

  #odds(matches: number): number {
    const p = this.#probability(matches);
    return p < 1 ? p / (1 - p) : 0;
  }

  #probability(k: number): number {
    if (k === 0) return 0;
    const all = this.inTraining + this.outside;
    let p = (k * this.inTraining) / all;
    for (let i = 1; i < k && p > 1e-12; i++) p *= (this.outside - i + 1) / (all - i);
    return Math.max(0, p);
  }
}
