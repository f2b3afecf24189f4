import { knownScore, type Score, type ScoreSheet, toRisk, unknownScore } from '../../../core/plugin-api/index.js';
import type { PrivacyConfig } from '../config.js';
import type { PrivacyMetric } from '../metrics.js';
import {
  type Assessment,
  disclosureProtection,
  meanGain,
  type Gain,
  gainOfAttempt,
  gainOfDisclosure,
} from './assess-release.js';
import { hasTooManyTwins } from './identical-rows.js';
import { closerToTraining, type CopyFinding, distanceQuantile, findCopies, ratioQuantile } from './closeness.js';

/** The gains of the attacks, each over all that it attacked. */
export interface ReleaseGains {
  readonly univariate: Gain;
  readonly multivariate: Gain;
  readonly linkability: Gain;
  readonly inference: Gain;
  readonly disclosure: Gain;
}

export function gainsOf({ singlingOut, linking, inference, disclosure }: Assessment): ReleaseGains {
  return {
    univariate: gainOfAttempt(singlingOut.univariate),
    multivariate: gainOfAttempt(singlingOut.multivariate),
    linkability: gainOfAttempt(linking),
    inference: meanGain(
      inference.map(({ attempt }) => gainOfAttempt(attempt)),
      'There is no column to guess',
    ),
    disclosure: meanGain(disclosure.map(gainOfDisclosure), 'There are too few columns for one to be sensitive'),
  };
}

export function scoreRelease(
  sheet: ScoreSheet<PrivacyMetric>,
  assessment: Assessment,
  { copy_ratio }: PrivacyConfig,
): void {
  const { subject } = assessment.release;
  const gains = gainsOf(assessment);
  const copies = findCopies(assessment.closeness, copy_ratio);
  const add = (metric: PrivacyMetric, score: Score, ...columns: string[]) =>
    sheet.add(metric, subject, score, ...columns);
  add('proven_risk', provenRisk(gains, copies, assessment));
  add('copied_share', copies.share);
  add('closer_to_training', closerToTraining(assessment.closeness));
  add('membership_auc', assessment.membership.auc);
  add('membership_hits', assessment.membership.hits);
  add('identical_matches', assessment.identical);
  add('singling_out_risk', toScore(worse(gains.univariate, gains.multivariate)));
  add('singling_out_univariate', toScore(gains.univariate));
  add('singling_out_multivariate', toScore(gains.multivariate));
  add('linkability_risk', toScore(gains.linkability));
  add('inference_risk', toScore(gains.inference));
  add('disclosure_risk', toScore(gains.disclosure));
  addDistances(add, assessment);
  for (const { column, attempt } of assessment.inference) {
    add('column_inference_risk', toScore(gainOfAttempt(attempt)), column);
  }
  for (const finding of assessment.disclosure) {
    add('column_disclosure_risk', toScore(gainOfDisclosure(finding)), finding.column);
    add('column_disclosure_protection', disclosureProtection(finding), finding.column);
  }
}

function addDistances(add: (metric: PrivacyMetric, score: Score) => void, { closeness }: Assessment): void {
  const { training, control, columnCount } = closeness;
  const outside = (q: number) =>
    control === null
      ? unknownScore('There are no held-out rows to compare with')
      : distanceQuantile(control, columnCount, q);
  add('dcr_training_median', distanceQuantile(training, columnCount, 0.5));
  add('dcr_training_5th', distanceQuantile(training, columnCount, 0.05));
  add('dcr_holdout_median', outside(0.5));
  add('dcr_holdout_5th', outside(0.05));
  add('nndr_median', ratioQuantile(training, columnCount, 0.5));
  add('nndr_5th', ratioQuantile(training, columnCount, 0.05));
}

function toScore({ gain, reason }: Gain): Score {
  if (gain === null) return unknownScore(reason!);
  const { value, low, high } = toRisk(gain);
  return knownScore(value, [low, high]);
}

function worse(one: Gain, two: Gain): Gain {
  if (one.gain === null || two.gain === null) return one.gain === null ? two : one;
  return two.gain.value > one.gain.value ? two : one;
}

/** One chance in 30,000 by the matches alone; where rows have far too many twins, a lean to training is enough. */
const CERTAIN_DEVIATION = 4;
const LEANING_DEVIATION = 1.5;

function areSurelyCopied({ deviation }: CopyFinding, { release }: Assessment): boolean {
  if (deviation > CERTAIN_DEVIATION) return true;
  const { released, training, control } = release;
  return deviation > LEANING_DEVIATION && hasTooManyTwins(released.rows, training.rows, control!.rows);
}

function provenRisk(gains: ReleaseGains, copies: CopyFinding, assessment: Assessment): Score {
  const { membership, closeness } = assessment;
  if (closeness.control === null) return unknownScore('There are no held-out rows to compare with');
  if (areSurelyCopied(copies, assessment)) return knownScore(1);
  const found = Object.values(gains).flatMap(({ gain }: Gain) => (gain === null ? [] : [toRisk(gain).low]));
  if (found.length === 0 && membership.auc.value === null) return unknownScore('No attack could be made');
  return knownScore(Math.max(0, membership.surelyAbove, ...found));
}
