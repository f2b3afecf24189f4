import { type Feed, RandomStream } from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { criticShapes, criticSize } from './critic-network.js';
import { generatorShapes, generatorSize } from './generator-network.js';
import type { Layout } from './layout.js';

/**
 * Starting weights: uniform within ±1/√(inputs of the layer), as the reference programs' linear layers; normalisation
 * starts as the identity. Moments start at zero.
 */
export function initialWeights(layout: Layout, config: CtganConfig, seed: number): Feed {
  const random = new RandomStream(seed, 'ctgan.weights');
  return { ...generatorWeights(layout, config, random), ...criticWeights(layout, config, random) };
}

function generatorWeights(layout: Layout, config: CtganConfig, random: RandomStream): Feed {
  const size = generatorSize(layout, config);
  const targets = [...size.hidden, size.width];
  let inputs = size.noise + size.conditions;
  // The bound of each target layer, which reads the noise, the condition and all hidden layers before it.
  const bounds = targets.map((_, layer) => {
    const bound = 1 / Math.sqrt(inputs);
    inputs += size.hidden[layer] ?? 0;
    return bound;
  });
  const weights: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(generatorShapes(size))) {
    const layer = Number(/\d+$/.exec(name)?.[0] ?? -1);
    if (name.startsWith('g.scale')) weights[name] = new Float32Array(shape[0]!).fill(1);
    else if (name.startsWith('g.shift')) weights[name] = new Float32Array(shape[0]!);
    else if (name === 'g.bias') weights[name] = uniform(random, shape[0]!, bounds.at(-1)!);
    else weights[name] = byTarget(random, shape[0]!, targets.slice(layer + 1), bounds.slice(layer + 1));
  }
  return weights;
}

/** A matrix whose column blocks belong to layers of different bounds. */
function byTarget(
  random: RandomStream,
  rows: number,
  targets: readonly number[],
  bounds: readonly number[],
): Float32Array {
  const scale = targets.flatMap((width, i) => Array.from({ length: width }, () => bounds[i]!));
  const columns = scale.length;
  return Float32Array.from({ length: rows * columns }, (_, i) => (2 * random.next() - 1) * scale[i % columns]!);
}

function criticWeights(layout: Layout, config: CtganConfig, random: RandomStream): Feed {
  const size = criticSize(layout, config);
  const fanIn = [size.pac * (size.width + size.conditions), ...size.hidden];
  return Object.fromEntries(
    Object.entries(criticShapes(size)).map(([name, shape]) => {
      const layer = name.startsWith('d.out') ? size.hidden.length : Number(/\d+$/.exec(name)?.[0] ?? 0);
      const length = shape.reduce((product, n) => product * n, 1);
      return [name, uniform(random, length, 1 / Math.sqrt(fanIn[layer]!))];
    }),
  );
}

function uniform(random: RandomStream, length: number, bound: number): Float32Array {
  return Float32Array.from({ length }, () => (2 * random.next() - 1) * bound);
}
