import { uniform, type NoiseSource } from './noise-source.js';

/**
 * Fills with independent N(0, deviation²) numbers: Box and Muller's transform of 53-bit uniforms, rounded once to the array's
 * precision. Made of floating-point numbers, so a sum of data and such noise is the Gaussian mechanism only as far as doubles
 * are reals: where counts are released use the discrete samplers.
 */
export function fillNormalNoise(source: NoiseSource, deviation: number, out: Float32Array | Float64Array): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(uniform(source)));
    const angle = 2 * Math.PI * uniform(source);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}
