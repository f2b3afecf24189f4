import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import type { Field } from '../coding/field.js';
import { type Layout, sum } from './layout.js';
import { networkShapes } from './network.js';
import { ofTokens, type RankBasis, rankBasis } from './rank-basis.js';

/** From so many rows on, a table says enough by itself. */
export const LARGE_TABLE = 2 ** 14;

/**
 * What is believed of the weights before any row is seen, so that few rows can teach them. Weights lie around zero, or
 * around those of the model that training goes on from, or of the numbers' Gaussian copula, few of them far away (as
 * Student's t has it). Those of a number's tokens are a smooth function of its rank plus, much less likely, something of
 * the token's own: both are parts that are trained, of which the network's weights are the sum. Without a basis, weights of
 * tokens have one part.
 */
export interface Prior {
  /** Of a large table nothing is believed. */
  readonly holds: boolean;
  /** Null where there is no number, or nothing is believed. */
  readonly basis: RankBasis | null;
  /** Parts that are held near to what their anchors say, rather than near to zero. */
  readonly anchored: readonly string[];
}

/** Before the name of weights: those that they are held near to. */
export const ANCHOR = 'anchor:';

/** Beyond it a weight is held back the less, the larger it is: relations without exception are not blurred. */
const USUAL_WEIGHT = 0.3;

/** Units of a number's own that begin as a line: one for what is above the middle, one for what is below. */
export const LINE_UNITS = 2;

/** Times that a number's token is held back more than a function of the rank. */
const OWN_PENALTY = 10;

export function priorOf(layout: Layout, fields: readonly Field[], rowCount: number, goesOn: boolean): Prior {
  const holds = rowCount < LARGE_TABLE;
  const found = rankBasis(fields);
  const basis = holds && sum(found.sizes) > 0 ? found : null;
  if (goesOn) return { holds, basis, anchored: holds ? heldBack(networkShapes(layout)).map(([name]) => name) : [] };
  // Units must read the tokens themselves, and some be left for what is no line.
  const canStartAsCopula = basis !== null && layout.embedding === null && layout.hidden > LINE_UNITS;
  return { holds, basis, anchored: canStartAsCopula ? ['ranksIn', 'ranksOut'] : [] };
}

/** Of the network's weights, those from tokens: to hidden units, or to the numbers that tokens are embedded in. */
export function tokenWeights({ embedding }: Layout): 'input' | 'embedding' {
  return embedding === null ? 'input' : 'embedding';
}

/** The network's weights, of which some are only a part, and the other parts. */
export function partShapes(layout: Layout, { basis }: Prior): Shapes {
  const shapes = networkShapes(layout);
  if (basis === null) return shapes;
  const functions = sum(basis.sizes);
  return {
    ...shapes,
    ranksIn: [functions, shapes[tokenWeights(layout)]![1]!],
    ranksOut: [functions, layout.hidden],
  };
}

/** What parts are held near to, where that is not zero. */
export function anchorShapes(layout: Layout, prior: Prior): Shapes {
  const shapes = partShapes(layout, prior);
  return Object.fromEntries(prior.anchored.map((name) => [`${ANCHOR}${name}`, shapes[name]!]));
}

/** The network's weights from their parts. */
export function wholeWeights(tf: TensorLibrary, layout: Layout, { basis }: Prior, parts: TensorMap): TensorMap {
  if (basis === null) return parts;
  const input = tokenWeights(layout);
  return {
    ...parts,
    [input]: tf.add(parts[input]!, ofTokens(tf, layout, basis, parts['ranksIn']!)),
    output: tf.add(parts['output']!, tf.transpose(ofTokens(tf, layout, basis, parts['ranksOut']!))),
  };
}

/** What a step is told of the prior: how much a unit weight costs, over the mean loss of a row. */
export function priorInputs({ holds }: Prior): Shapes {
  return holds ? { penalty: [] } : {};
}

/** Adds what the prior pulls by to the gradients of the parts. @param inputs see {@link priorInputs}. */
export function holdBack(
  tf: TensorLibrary,
  layout: Layout,
  { holds, basis }: Prior,
  state: TensorMap,
  gradients: Readonly<Record<string, Tensor>>,
  inputs: TensorMap,
): Readonly<Record<string, Tensor>> {
  if (!holds) return gradients;
  const strengths = basis === null ? {} : ownStrengths(tf, layout, basis);
  const held = heldBack(gradients).map(([name, gradient]) => {
    const anchor = state[`${ANCHOR}${name}`];
    const distance = anchor === undefined ? state[name]! : tf.sub(state[name]!, anchor);
    const far = tf.add(1, tf.mul(tf.square(distance), 1 / USUAL_WEIGHT ** 2));
    const pull = tf.div(tf.mul(distance, inputs['penalty']!), far);
    const strength = strengths[name];
    return [name, tf.add(gradient, strength === undefined ? pull : tf.mul(pull, strength))] as const;
  });
  return { ...gradients, ...Object.fromEntries(held) };
}

/** All but biases: how often tokens occur is no matter of belief. */
function heldBack<T>(byName: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(byName).filter(([name]) => name !== 'base' && name !== 'bias');
}

function ownStrengths(tf: TensorLibrary, layout: Layout, { sizes }: RankBasis): Readonly<Record<string, Tensor>> {
  const ofToken = Float32Array.from(
    layout.sizes.flatMap((size, f) => Array.from({ length: size }, () => (sizes[f]! > 0 ? OWN_PENALTY : 1))),
  );
  return {
    [tokenWeights(layout)]: tf.tensor2d(ofToken, [layout.width, 1]),
    output: tf.tensor2d(ofToken, [1, layout.width]),
  };
}
