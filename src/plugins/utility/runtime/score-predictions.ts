import {
  accuracy,
  f1ByClass,
  knownScore,
  macroAuc,
  mostProbable,
  rSquared,
  type Score,
  unknownScore,
} from '../../../core/plugin-api/index.js';
import type { ScoreName } from '../metrics.js';

export type PredictionScores = Partial<Record<ScoreName, Score>>;

/** Of classes, most frequent first in the training rows. */
export function scoreClasses(probabilities: Float64Array, target: Float64Array, classCount: number): PredictionScores {
  const labels = Int32Array.from(target);
  const predicted = mostProbable(probabilities, classCount);
  const f1 = f1ByClass(predicted, labels, classCount);
  const present = [...f1.keys()].filter((k) => labels.includes(k) || predicted.includes(k));
  const auc = macroAuc(probabilities, labels, classCount);
  return {
    accuracy: knownScore(accuracy(predicted, labels)),
    f1_macro: knownScore(present.reduce((sum, k) => sum + f1[k]!, 0) / present.length),
    f1_rare: labels.includes(classCount - 1)
      ? knownScore(f1[classCount - 1]!)
      : unknownScore('The rarest class is not among the test rows'),
    roc_auc: auc === null ? unknownScore('The test rows are all of one class') : knownScore(auc),
  };
}

const LEAST_R_SQUARED = -1;
const GREATEST_RELATIVE_ERROR = 2;

export function scoreNumbers(predicted: Float64Array, target: Float64Array): PredictionScores {
  const explained = rSquared(predicted, target);
  if (explained === null) {
    const none = unknownScore('The target is the same in all test rows');
    return { r_squared: none, relative_rmse: none };
  }
  const relative = Math.sqrt(Math.max(0, 1 - explained));
  return {
    r_squared: knownScore(Math.max(LEAST_R_SQUARED, explained)),
    relative_rmse: knownScore(Math.min(GREATEST_RELATIVE_ERROR, relative)),
  };
}

/** 2·AUC − 1 or R², not below 0: what is predicted beyond guessing. */
export function skillOf({ roc_auc, r_squared }: PredictionScores): Score {
  const score = roc_auc ?? r_squared!;
  if (score.value === null) return score;
  return knownScore(Math.max(0, roc_auc ? 2 * score.value - 1 : score.value));
}

/** Below this skill of real rows, a ratio says nothing. */
const LEAST_SKILL = 0.05;

/** Skill over that of the real rows, at most 1. */
export function ratioOf(skill: Score, real: Score, target: string): Score {
  if (real.value === null || skill.value === null) return real.value === null ? real : skill;
  if (real.value < LEAST_SKILL) return unknownScore(`Not even real rows predict "${target}" better than guessing`);
  return knownScore(Math.min(1, skill.value / real.value));
}
