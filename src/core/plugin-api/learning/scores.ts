/** Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half; null without both. */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<number>): number | null {
  const order = byScore(scores);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length;) {
    const end = endOfTie(order, scores, i);
    for (let j = i; j < end; j++) {
      if (positive[order[j]!] !== 1) continue;
      positives++;
      rankSum += (i + end + 1) / 2;
    }
    i = end;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * The 95 % interval of an AUC from so many rows of either class, within 0 to 1 (Hanley, McNeil, "The meaning and use of the
 * area under a ROC curve", 1982).
 */
export function aucInterval(auc: number, positives: number, negatives: number): [number, number] {
  const twoPositives = auc / (2 - auc);
  const twoNegatives = (2 * auc ** 2) / (1 + auc);
  const variance =
    auc * (1 - auc) + (positives - 1) * (twoPositives - auc ** 2) + (negatives - 1) * (twoNegatives - auc ** 2);
  const error = Z * Math.sqrt(Math.max(0, variance) / (positives * negatives));
  return [Math.max(0, auc - error), Math.min(1, auc + error)];
}

/** z of a two-sided 95 % interval. */
const Z = 1.959963984540054;

/** Points (false-positive rate, true-positive rate) of the ROC curve, from (0, 0) to (1, 1); empty without both classes. */
export function rocCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): (readonly [number, number])[] {
  const order = byScore(scores);
  const positives = order.reduce((sum, row) => sum + (positive[row] === 1 ? 1 : 0), 0);
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: (readonly [number, number])[] = [[1, 1]];
  let hits = positives;
  let misses = negatives;
  for (let i = 0; i < order.length;) {
    const end = endOfTie(order, scores, i);
    for (; i < end; i++) {
      if (positive[order[i]!] === 1) hits--;
      else misses--;
    }
    points.push([misses / negatives, hits / positives]);
  }
  return points.toReversed();
}

function byScore(scores: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row);
  return order.toSorted((a, b) => scores[a]! - scores[b]!);
}

function endOfTie(order: Uint32Array, scores: ArrayLike<number>, start: number): number {
  let end = start + 1;
  while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
  return end;
}

/** The most probable class of each row; the lower one of equals. */
export function mostProbable(probabilities: Float64Array, classCount: number): Int32Array {
  const classes = new Int32Array(probabilities.length / classCount);
  for (let row = 0; row < classes.length; row++) {
    let best = 0;
    for (let k = 1; k < classCount; k++) {
      if (probabilities[row * classCount + k]! > probabilities[row * classCount + best]!) best = k;
    }
    classes[row] = best;
  }
  return classes;
}

export function accuracy(predicted: Int32Array, labels: Int32Array): number {
  return predicted.reduce((sum, label, row) => sum + (label === labels[row] ? 1 : 0), 0) / labels.length;
}

/** F1 of each class: 2·hits / (rows of the class + rows predicted so); 0 where both are none. */
export function f1ByClass(predicted: Int32Array, labels: Int32Array, classCount: number): Float64Array {
  const hits = new Float64Array(classCount);
  const counted = new Float64Array(classCount);
  for (let row = 0; row < labels.length; row++) {
    counted[labels[row]!]!++;
    counted[predicted[row]!]!++;
    if (labels[row] === predicted[row]) hits[labels[row]!]!++;
  }
  return hits.map((count, k) => (counted[k] === 0 ? 0 : (2 * count) / counted[k]!));
}

/** Mean over the classes of each one's ROC AUC against the rest; null where no class can be set against another. */
export function macroAuc(probabilities: Float64Array, labels: Int32Array, classCount: number): number | null {
  const areas: number[] = [];
  for (let k = classCount === 2 ? 1 : 0; k < classCount; k++) {
    const scores = Float64Array.from(labels, (_, row) => probabilities[row * classCount + k]!);
    const area = rocAuc(
      scores,
      labels.map((label) => (label === k ? 1 : 0)),
    );
    if (area !== null) areas.push(area);
  }
  return areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

export function rootMeanSquaredError(predicted: Float64Array, target: Float64Array): number {
  return Math.sqrt(target.reduce((sum, value, row) => sum + (value - predicted[row]!) ** 2, 0) / target.length);
}

/** 1 − squared error / squared deviation from the mean; null where the target is constant. */
export function rSquared(predicted: Float64Array, target: Float64Array): number | null {
  const mean = target.reduce((sum, value) => sum + value / target.length, 0);
  const deviation = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (!(deviation > 0)) return null;
  return 1 - target.reduce((sum, value, row) => sum + (value - predicted[row]!) ** 2, 0) / deviation;
}
