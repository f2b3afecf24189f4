import {
  type Compute,
  type Feed,
  type ProgramSet,
  RandomStream,
  type Shape,
  type TensorMap,
} from '../../src/core/plugin-api/index.js';

const SHAPES: Readonly<Record<string, Shape>> = { w1: [6, 16], b1: [16], w2: [16, 3], b2: [3] };
export const ROWS = 32;

const MOMENTS = Object.fromEntries(
  Object.entries(SHAPES).flatMap(([k, s]) => [
    [`m_${k}`, s],
    [`v_${k}`, s],
  ]),
);

/** A small classifier with batch normalisation, trained by Adam, and a forward pass over the same state. */
export function compileNetwork({ tf, compileSet }: Compute): Promise<ProgramSet<'train' | 'predict'>> {
  const forward = (weights: TensorMap, x: TensorMap[string]) => {
    const before = tf.add(tf.matMul(x, weights['w1']!), weights['b1']!);
    const centred = tf.sub(before, tf.mean(before, 0));
    const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-5)));
    return tf.add(tf.matMul(tf.leakyRelu(normal, 0.2), weights['w2']!), weights['b2']!);
  };
  return compileSet({
    state: { ...SHAPES, ...MOMENTS },
    entries: {
      train: {
        inputs: { x: [ROWS, 6], labels: [ROWS, 3] },
        step: (state, { x, labels }) => {
          const names = Object.keys(SHAPES);
          const loss = (...values: TensorMap[string][]) => {
            const logits = forward(Object.fromEntries(names.map((name, i) => [name, values[i]!])), x!);
            return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels!), 1)));
          };
          const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
          const next: Record<string, TensorMap[string]> = {};
          names.forEach((name, i) => {
            const m = tf.add(tf.mul(state[`m_${name}`]!, 0.9), tf.mul(grads[i]!, 0.1));
            const v = tf.add(tf.mul(state[`v_${name}`]!, 0.99), tf.mul(tf.square(grads[i]!), 0.01));
            next[`m_${name}`] = m;
            next[`v_${name}`] = v;
            next[name] = tf.sub(state[name]!, tf.mul(tf.div(m, tf.add(tf.sqrt(v), 1e-3)), 1e-2));
          });
          return { state: next, outputs: { loss: value } };
        },
      },
      predict: {
        inputs: { x: [ROWS, 6] },
        step: (state, { x }) => ({ outputs: { shares: tf.softmax(forward(state, x!)) } }),
      },
    },
  });
}

const random = new RandomStream(11, 'network');
const draw = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * (2 * random.next() - 1));

export const START: Feed = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    draw(
      shape.reduce((a, b) => a * b, 1),
      0.4,
    ),
  ]),
);
export const BATCH: Feed = {
  x: draw(ROWS * 6),
  labels: Float32Array.from({ length: ROWS * 3 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0)),
};
