import type * as tf from '@tensorflow/tfjs-core';
import { sumToShape } from './sum-to-shape.js';

type Tensors = readonly tf.Tensor[];
/** From the gradient at the output, and what was saved, the gradient at one input. */
type Derivative = (dy: tf.Tensor, saved: Tensors, attributes: tf.NamedAttrMap) => tf.Tensor;

/** y = f(x), differentiated by way of x. */
function ofInput(kernelName: string, derivative: Derivative): tf.GradConfig {
  const gradFunc: tf.GradFunc = (dy, saved, attributes) => ({
    x: () => derivative(dy as tf.Tensor, saved, attributes),
  });
  return { kernelName, inputsToSave: ['x'], gradFunc };
}

/** y = f(x), differentiated by way of y. */
function ofOutput(kernelName: string, derivative: Derivative): tf.GradConfig {
  const gradFunc: tf.GradFunc = (dy, saved, attributes) => ({
    x: () => derivative(dy as tf.Tensor, saved, attributes),
  });
  return { kernelName, outputsToSave: [true], gradFunc };
}

/** Gradients of the kernels that work value by value; with two inputs, broadcasting is undone. */
export function elementwiseGradients(library: typeof tf): tf.GradConfig[] {
  const {
    add,
    cast,
    div,
    exp,
    greater,
    less,
    greaterEqual,
    lessEqual,
    log,
    mul,
    neg,
    pow,
    scalar,
    select,
    sigmoid,
    square,
    sub,
    zerosLike,
  } = {
    ...library,
    select: library.where,
  };
  const when = (condition: tf.Tensor, dy: tf.Tensor) => mul(dy, cast(condition, 'float32'));

  function binary(kernelName: string, da: Derivative, db: Derivative): tf.GradConfig {
    return {
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, saved, attributes) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        return {
          a: () => sumToShape(library, da(dy as tf.Tensor, [a, b], attributes), a.shape),
          b: () => sumToShape(library, db(dy as tf.Tensor, [a, b], attributes), b.shape),
        };
      },
    };
  }
  const flat = (kernelName: string) => ofInput(kernelName, (_, [x]) => zerosLike(x!));

  // A comparison inside of `where` lies on the way back, though nothing flows through it.
  const comparison = (kernelName: string) =>
    binary(
      kernelName,
      (_, [a]) => zerosLike(a!),
      (_, [, b]) => zerosLike(b!),
    );

  return [
    binary(
      'Add',
      (dy) => dy,
      (dy) => dy,
    ),
    binary(
      'Sub',
      (dy) => dy,
      (dy) => neg(dy),
    ),
    binary(
      'Multiply',
      (dy, [, b]) => mul(dy, b!),
      (dy, [a]) => mul(dy, a!),
    ),
    binary(
      'RealDiv',
      (dy, [, b]) => div(dy, b!),
      (dy, [a, b]) => neg(div(mul(dy, a!), square(b!))),
    ),
    binary(
      'Maximum',
      (dy, [a, b]) => when(greaterEqual(a!, b!), dy),
      (dy, [a, b]) => when(less(a!, b!), dy),
    ),
    binary(
      'Minimum',
      (dy, [a, b]) => when(lessEqual(a!, b!), dy),
      (dy, [a, b]) => when(greater(a!, b!), dy),
    ),
    binary(
      'Pow',
      (dy, [a, b]) => mul(dy, mul(b!, pow(a!, sub(b!, scalar(1))))),
      (dy, [a, b]) => mul(dy, select(greater(a!, 0), mul(pow(a!, b!), log(a!)), zerosLike(pow(a!, b!)))),
    ),
    binary(
      'SquaredDifference',
      (dy, [a, b]) => mul(dy, mul(scalar(2), sub(a!, b!))),
      (dy, [a, b]) => mul(dy, mul(scalar(2), sub(b!, a!))),
    ),
    {
      kernelName: 'AddN',
      saveAllInputs: true,
      gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => (dy as tf.Tensor).clone()])),
    },
    {
      kernelName: 'Select',
      inputsToSave: ['condition'],
      gradFunc: (dy, saved) => {
        const chosen = cast(saved[0]!, 'float32');
        return {
          condition: () => zerosLike(chosen),
          t: () => mul(dy as tf.Tensor, chosen),
          e: () => mul(dy as tf.Tensor, sub(scalar(1), chosen)),
        };
      },
    },
    { kernelName: 'Cast', gradFunc: (dy) => ({ x: () => (dy as tf.Tensor).clone() }) },
    { kernelName: 'Identity', gradFunc: (dy) => ({ x: () => cast(dy as tf.Tensor, 'float32') }) },
    { kernelName: 'Neg', gradFunc: (dy) => ({ x: () => neg(dy as tf.Tensor) }) },
    ofInput('Square', (dy, [x]) => mul(dy, mul(x!, scalar(2)))),
    ofInput('Log', (dy, [x]) => div(dy, x!)),
    ofInput('Abs', (dy, [x]) => mul(dy, library.sign(x!))),
    ofInput('Sin', (dy, [x]) => mul(dy, library.cos(x!))),
    ofInput('Cos', (dy, [x]) => neg(mul(dy, library.sin(x!)))),
    ofInput('Relu', (dy, [x]) => mul(dy, library.step(x!))),
    ofInput('Softplus', (dy, [x]) => mul(dy, sigmoid(x!))),
    ofInput('Reciprocal', (dy, [x]) => neg(div(dy, square(x!)))),
    ofInput('Erf', (dy, [x]) => mul(dy, mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(square(x!)))))),
    ofInput('LeakyRelu', (dy, [x], { alpha }) => {
      const slope = add(mul(library.step(x!), scalar(1 - Number(alpha))), scalar(Number(alpha)));
      return mul(dy, slope);
    }),
    {
      kernelName: 'ClipByValue',
      inputsToSave: ['x'],
      outputsToSave: [true],
      // Within the bounds, and on them, x comes out as it is: one comparison instead of two.
      gradFunc: (dy, [x, y]) => ({ x: () => when(library.equal(x!, y!), dy as tf.Tensor) }),
    },
    ofOutput('Exp', (dy, [y]) => mul(dy, y!)),
    ofOutput('Tanh', (dy, [y]) => mul(dy, sub(scalar(1), square(y!)))),
    ofOutput('Sigmoid', (dy, [y]) => mul(dy, mul(y!, sub(scalar(1), y!)))),
    ofOutput('Sqrt', (dy, [y]) => div(dy, mul(y!, scalar(2)))),
    ofOutput('Rsqrt', (dy, [y]) => mul(dy, mul(scalar(-0.5), mul(y!, square(y!))))),
    ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'].map(comparison),
    ...['Step', 'Floor', 'Ceil', 'Round', 'Sign', 'ZerosLike', 'OnesLike'].map(flat),
  ];
}
