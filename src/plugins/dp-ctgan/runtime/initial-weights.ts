import { RandomStream, type ColumnCoding } from '../../../core/plugin-api/index.js';
import type { Networks } from './programs.js';
import { parameterCount, type LayerSizes } from './tensors.js';

/**
 * Starting parameters. The generator's last bias is the logarithm of the noisy frequencies and its last weights are small: it
 * begins as independent columns, which the encoding has paid for, and has only the relations left to learn.
 */
export function initialWeights(networks: Networks, codings: readonly ColumnCoding[], seed: number) {
  const random = new RandomStream(seed, 'dp-ctgan.weights');
  const generator = linearLayers(networks.generator, random, OUTPUT_SCALE);
  generator.set(frequenciesOf(codings).map(Math.log), generator.length - networks.width);
  return { generator, critic: linearLayers(networks.critic, random, 1) };
}

const OUTPUT_SCALE = 0.1;
/** Of a row: stands for the frequency of codes that noise has brought to zero. */
const LEAST_MASS = 0.5;

/** Weights of variance 2/inputs, that of the last layer scaled; biases are zero. */
function linearLayers(sizes: LayerSizes, random: RandomStream, lastScale: number): Float32Array {
  const parameters = new Float32Array(parameterCount(sizes));
  let offset = 0;
  sizes.forEach(([inputs, outputs], layer) => {
    const bound = Math.sqrt(6 / inputs) * (layer === sizes.length - 1 ? lastScale : 1);
    for (let i = 0; i < inputs * outputs; i++) parameters[offset + i] = (2 * random.next() - 1) * bound;
    offset += (inputs + 1) * outputs;
  });
  return parameters;
}

/** Noisy frequencies of all codes, those of a column summing to 1. */
export function frequenciesOf(codings: readonly ColumnCoding[]): Float32Array {
  return Float32Array.from(
    codings.flatMap(({ masses }) => {
      const floored = masses.map((mass) => Math.max(LEAST_MASS, mass));
      const total = floored.reduce((sum, mass) => sum + mass, 0);
      return floored.map((mass) => mass / total);
    }),
  );
}
