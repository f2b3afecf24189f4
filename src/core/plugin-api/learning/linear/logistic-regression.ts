import type { FeatureTable } from '../features.js';
import { checkLabels, type Classifier, type LearningContext } from '../model.js';
import { logOnePlusExp, logSumExp, sigmoid, softmaxRows } from '../trees/losses.js';
import { DesignMapper, type DesignRows, dot } from './design.js';
import { minimise, type Objective } from './minimise.js';

export interface LogisticOptions {
  /** Weight of half the squared weights, against the summed loss; the constant is free. */
  readonly l2: number;
  readonly iterations: number;
}

export const LOGISTIC_DEFAULTS: LogisticOptions = { l2: 1, iterations: 200 };

/** Logistic regression with an L2 penalty: of the odds for two classes, multinomial for more. Deterministic. */
export async function fitLogisticRegression(
  table: FeatureTable,
  labels: Int32Array,
  classCount: number,
  context: LearningContext,
  options: Partial<LogisticOptions> = {},
): Promise<Classifier> {
  checkLabels(table, labels, classCount);
  const { l2, iterations } = { ...LOGISTIC_DEFAULTS, ...options };
  const mapper = new DesignMapper(table);
  const design = mapper.apply(table);
  const loss = classCount === 2 ? binaryLoss(design, labels) : multinomialLoss(design, labels, classCount);
  const weights = new Float64Array(design.width * (classCount === 2 ? 1 : classCount));
  const objective = penalised(loss, design.width, l2, table.rowCount);
  await minimise(objective, weights, { iterations, tolerance: 1e-5, tick: () => context.tick() });
  return { classCount, probabilities: (rows) => probabilities(mapper.apply(rows), weights, classCount) };
}

/** The mean loss of a row, with the penalty in proportion. */
function penalised(loss: Objective, width: number, l2: number, rowCount: number): Objective {
  return (weights, gradient) => {
    let value = loss(weights, gradient);
    for (let i = 0; i < weights.length; i++) {
      const isConstant = i % width === width - 1;
      if (!isConstant) {
        value += (l2 * weights[i]! ** 2) / 2;
        gradient[i]! += l2 * weights[i]!;
      }
      gradient[i]! /= rowCount;
    }
    return value / rowCount;
  };
}

function binaryLoss(design: DesignRows, labels: Int32Array): Objective {
  return (weights, gradient) => {
    gradient.fill(0);
    let value = 0;
    for (let row = 0; row < design.rowCount; row++) {
      const score = dot(design, row, weights);
      value += logOnePlusExp(labels[row] === 1 ? -score : score);
      addRow(design, row, sigmoid(score) - labels[row]!, gradient, 0);
    }
    return value;
  };
}

function multinomialLoss(design: DesignRows, labels: Int32Array, classCount: number): Objective {
  const scores = new Float64Array(classCount);
  return (weights, gradient) => {
    gradient.fill(0);
    let value = 0;
    for (let row = 0; row < design.rowCount; row++) {
      for (let k = 0; k < classCount; k++) scores[k] = dot(design, row, weights, k * design.width);
      const log = logSumExp(scores, 0, classCount);
      value += log - scores[labels[row]!]!;
      for (let k = 0; k < classCount; k++) {
        const residual = Math.exp(scores[k]! - log) - (labels[row] === k ? 1 : 0);
        addRow(design, row, residual, gradient, k * design.width);
      }
    }
    return value;
  };
}

function addRow(design: DesignRows, row: number, factor: number, gradient: Float64Array, offset: number): void {
  const { starts, columns, values } = design;
  for (let i = starts[row]!; i < starts[row + 1]!; i++) gradient[offset + columns[i]!]! += factor * values[i]!;
}

function probabilities(design: DesignRows, weights: Float64Array, classCount: number): Float64Array {
  const out = new Float64Array(design.rowCount * classCount);
  for (let row = 0; row < design.rowCount; row++) {
    if (classCount === 2) {
      const score = dot(design, row, weights);
      out[2 * row] = sigmoid(-score);
      out[2 * row + 1] = sigmoid(score);
    } else for (let k = 0; k < classCount; k++) out[row * classCount + k] = dot(design, row, weights, k * design.width);
  }
  return classCount === 2 ? out : softmaxRows(out, classCount);
}
