/**
 * A noise mechanism as an accountant sees it. Neighbouring tables differ by one row added or removed, which moves what the
 * mechanism reads by at most 1 (the sensitivity); scales are in units of it.
 *
 * - `gaussian`: normal noise of standard deviation `noiseMultiplier`.
 * - `sampled-gaussian`: the same over a Poisson sample, in which each row is on its own with probability `samplingRate`.
 *   Only for real Poisson sampling: no other way of batching has this amplification.
 * - `discrete-gaussian`: the normal distribution's weights on the integers, of variance parameter `sigma`².
 * - `laplace`: Laplace noise of scale `scale`.
 * - `approximate`: anything that is (`epsilon`, `delta`) differentially private. With delta 0 it is also exactly the
 *   two-sided geometric mechanism.
 */
export type NoiseMechanism =
  | { readonly type: 'gaussian'; readonly noiseMultiplier: number }
  | { readonly type: 'sampled-gaussian'; readonly noiseMultiplier: number; readonly samplingRate: number }
  | { readonly type: 'discrete-gaussian'; readonly sigma: number }
  | { readonly type: 'laplace'; readonly scale: number }
  | { readonly type: 'approximate'; readonly epsilon: number; readonly delta: number };

/** A mechanism and how often it is run on the same table. */
export interface MechanismRuns {
  readonly mechanism: NoiseMechanism;
  readonly count: number;
}

/** @throws RangeError naming the parameter that has no meaning. */
export function checkMechanism(mechanism: NoiseMechanism): void {
  switch (mechanism.type) {
    case 'gaussian':
      return requirePositive('noiseMultiplier', mechanism.noiseMultiplier);
    case 'sampled-gaussian':
      requirePositive('noiseMultiplier', mechanism.noiseMultiplier);
      return require(mechanism.samplingRate > 0 && mechanism.samplingRate <= 1, 'samplingRate must be in (0, 1]');
    case 'discrete-gaussian':
      return requirePositive('sigma', mechanism.sigma);
    case 'laplace':
      return requirePositive('scale', mechanism.scale);
    case 'approximate':
      require(mechanism.epsilon >= 0 && Number.isFinite(mechanism.epsilon), 'epsilon must be finite and at least 0');
      return require(mechanism.delta >= 0 && mechanism.delta < 1, 'delta must be in [0, 1)');
  }
}

function requirePositive(name: string, value: number): void {
  require(value > 0 && Number.isFinite(value), `${name} must be finite and above 0, not ${value}`);
}

function require(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}
