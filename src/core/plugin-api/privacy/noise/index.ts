export { DiscreteGaussian, discreteLaplace } from './discrete-noise.js';
export { GaussianRelease } from './gaussian-release.js';
export { cryptographicNoise, seededNoise, type NoiseSource } from './noise-source.js';
export { fillNormalNoise } from './normal-noise.js';
export { poissonSample } from './poisson-sample.js';
