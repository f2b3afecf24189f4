/** A loss of raw scores: one score a row for each output, row by row. */
export interface Loss {
  readonly outputs: number;
  /** False: every row's hessian is 1. */
  readonly hasHessians: boolean;
  /** The constant scores that fit the named rows best. */
  baseline(rows: Uint32Array): Float64Array;
  /** First and second derivative by one output's scores. */
  derive(raw: Float64Array, output: number, rows: Uint32Array, gradients: Float64Array, hessians: Float64Array): void;
  /** Mean over the named rows. */
  mean(raw: Float64Array, rows: Uint32Array): number;
}

export function squaredError(target: Float64Array): Loss {
  return {
    outputs: 1,
    hasHessians: false,
    baseline: (rows) => Float64Array.of(rows.reduce((sum, row) => sum + target[row]!, 0) / rows.length),
    derive(raw, _output, rows, gradients) {
      for (const row of rows) gradients[row] = raw[row]! - target[row]!;
    },
    mean: (raw, rows) => rows.reduce((sum, row) => sum + (raw[row]! - target[row]!) ** 2, 0) / rows.length / 2,
  };
}

/** Log loss of two classes, by the log odds of class 1. */
export function binaryLogLoss(labels: Int32Array): Loss {
  return {
    outputs: 1,
    hasHessians: true,
    baseline(rows) {
      const share = clampShare(rows.reduce((sum, row) => sum + labels[row]!, 0) / rows.length);
      return Float64Array.of(Math.log(share / (1 - share)));
    },
    derive(raw, _output, rows, gradients, hessians) {
      for (const row of rows) {
        const p = sigmoid(raw[row]!);
        gradients[row] = p - labels[row]!;
        hessians[row] = p * (1 - p);
      }
    },
    mean(raw, rows) {
      let sum = 0;
      for (const row of rows) sum += logOnePlusExp(labels[row] === 1 ? -raw[row]! : raw[row]!);
      return sum / rows.length;
    },
  };
}

/** Log loss of several classes, by a softmax of their scores. */
export function multinomialLogLoss(labels: Int32Array, classCount: number): Loss {
  return {
    outputs: classCount,
    hasHessians: true,
    baseline(rows) {
      const counts = new Float64Array(classCount);
      for (const row of rows) counts[labels[row]!]!++;
      return counts.map((count) => Math.log(clampShare(count / rows.length)));
    },
    derive(raw, output, rows, gradients, hessians) {
      for (const row of rows) {
        const base = row * classCount;
        const p = Math.exp(raw[base + output]! - logSumExp(raw, base, classCount));
        gradients[row] = p - (labels[row] === output ? 1 : 0);
        hessians[row] = p * (1 - p);
      }
    },
    mean(raw, rows) {
      let sum = 0;
      for (const row of rows) {
        const base = row * classCount;
        sum += logSumExp(raw, base, classCount) - raw[base + labels[row]!]!;
      }
      return sum / rows.length;
    },
  };
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Turns each row's scores into probabilities, in place. */
export function softmaxRows(raw: Float64Array, classCount: number): Float64Array {
  for (let base = 0; base < raw.length; base += classCount) {
    const log = logSumExp(raw, base, classCount);
    for (let k = 0; k < classCount; k++) raw[base + k] = Math.exp(raw[base + k]! - log);
  }
  return raw;
}

export function logSumExp(raw: Float64Array, base: number, count: number): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < count; k++) if (raw[base + k]! > greatest) greatest = raw[base + k]!;
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.exp(raw[base + k]! - greatest);
  return greatest + Math.log(sum);
}

export function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** A class that the rows never hold keeps finite odds. */
function clampShare(share: number): number {
  return Math.min(1 - 1e-15, Math.max(1e-15, share));
}
