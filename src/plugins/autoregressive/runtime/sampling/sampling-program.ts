import type {
  Compute,
  EntryPoint,
  Feed,
  ProgramSet,
  Tensor,
  TensorLibrary,
  TensorMap,
} from '../../../../core/plugin-api/index.js';
import type { Layout } from '../network/layout.js';
import { featuresOf, networkShapes } from '../network/network.js';
import { drawToken } from './draw-token.js';
import { FieldWalk } from './field-walk.js';

const MOST_ROWS = 2048;
const FEWEST_ROWS = 64;
const MOST_SUMS = 2 ** 22;

/** Rows in one pass. Depends on the model alone: so a row is computed at the same place whatever is asked for. */
export function rowsPerPass({ fields, hidden }: Layout): number {
  const fitting = 2 ** Math.floor(Math.log2(MOST_SUMS / (fields * hidden)));
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, fitting));
}

/**
 * `free`: uniform numbers in, `tokens` out, `[rows, fields]`.
 *
 * `conditioned`: the same under conditions that all rows share. A proposal draws rows that meet them: by logits that know
 * the given cells (`given`, one-hot, and `known`), with log weights of the tokens that are allowed (`allowed`). `weights`
 * says what each is worth: log of the model's probability of the row over the proposal's.
 */
export type SamplingEntry = 'free' | 'conditioned';

export async function compileSampling(
  compute: Compute,
  layout: Layout,
  weights: Feed,
  entry: SamplingEntry,
): Promise<ProgramSet<'draw'>> {
  const draw = entry === 'free' ? freeEntry(compute.tf, layout) : conditionedEntry(compute.tf, layout);
  const programs = await compute.compileSet({ state: networkShapes(layout), entries: { draw } });
  await programs.setState(weights);
  return programs;
}

function freeEntry(tf: TensorLibrary, layout: Layout): EntryPoint {
  const rows = rowsPerPass(layout);
  return {
    inputs: { uniforms: [rows, layout.fields] },
    step: (weights, { uniforms }) => {
      const walk = new FieldWalk(tf, layout, weights, startOf(tf, weights));
      const tokens = tf.split(uniforms!, layout.fields, 1).map((uniform) => {
        const { token, oneHot } = drawToken(tf, softShares(tf, walk.logits()), uniform);
        walk.take(oneHot);
        return token;
      });
      return { outputs: { tokens: tf.concat(tokens, 1) } };
    },
  };
}

function conditionedEntry(tf: TensorLibrary, layout: Layout): EntryPoint {
  const rows = rowsPerPass(layout);
  return {
    inputs: {
      uniforms: [rows, layout.fields],
      allowed: [1, layout.width],
      given: [1, layout.width],
      known: [1, layout.fields],
    },
    step: (weights, { uniforms, allowed, given, known }) => {
      const start = startOf(tf, weights);
      const model = new FieldWalk(tf, layout, weights, start);
      const fromGiven = tf.matMul(featuresOf(tf, layout, weights, given!), weights['input']!);
      const fromMask = tf.matMul(known!, weights['known']!);
      const proposal = new FieldWalk(tf, layout, weights, tf.add(start, tf.add(fromGiven, fromMask)));
      let logWeight: Tensor = tf.zeros([rows, 1]);
      const tokens = tf.split(uniforms!, layout.fields, 1).map((uniform, f) => {
        const ofModel = model.logits();
        const limit = tf.slice(allowed!, [0, layout.offsets[f]!], [1, layout.sizes[f]!]);
        const free = proposal.logits();
        const held = tf.add(free, limit);
        const { token, oneHot } = drawToken(tf, softShares(tf, held), uniform);
        const difference = tf.sum(tf.mul(oneHot, tf.sub(ofModel, free)), 1, true);
        const normalisers = tf.sub(logSum(tf, held), logSum(tf, ofModel));
        logWeight = tf.add(logWeight, tf.add(difference, normalisers));
        model.take(oneHot);
        // What was given is in the sums already.
        proposal.take(tf.mul(oneHot, tf.sub(1, tf.slice(known!, [0, f], [1, 1]))));
        return token;
      });
      return { outputs: { tokens: tf.concat(tokens, 1), weights: logWeight } };
    },
  };
}

function startOf(tf: TensorLibrary, weights: TensorMap): Tensor {
  return tf.reshape(weights['bias']!, [1, weights['bias']!.shape[0]!]);
}

function softShares(tf: TensorLibrary, logits: Tensor): Tensor {
  return tf.exp(tf.sub(logits, tf.max(logits, 1, true)));
}

function logSum(tf: TensorLibrary, logits: Tensor): Tensor {
  const most = tf.max(logits, 1, true);
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, most)), 1, true)), most);
}
