import type { MetricDefinition, PrivacySpent } from '../../plugin-api/index.js';
import { type DatasetScore, datasetScores, isHeadline } from './dataset-scores.js';
import type { EvaluatorSection } from './evaluation-report.js';
import { formatNumber, formatScore } from './format.js';

/** Three sentences: the headline scores, where they stand between the controls, and what is claimed or unknown. */
export function writeVerdict(
  sections: readonly EvaluatorSection[],
  privacySpent: PrivacySpent | null,
  nearHoldout: number,
): readonly [string, string, string] {
  const headlines = sections.flatMap((section) => datasetScores(section).filter(isHeadline));
  return [tellScores(sections), tellStanding(headlines, nearHoldout), tellClaimsAndGaps(headlines, privacySpent)];
}

function tellScores(sections: readonly EvaluatorSection[]): string {
  const parts = sections.flatMap((section) => {
    const scores = datasetScores(section).filter(isHeadline);
    if (scores.length === 0) return [];
    const told = scores.map(({ metric, bySubject }) => `${metric.title} ${tellValue(bySubject.synthetic?.value)}`);
    return [`${section.title} scores ${told.join(', ')}`];
  });
  return parts.length === 0 ? 'No evaluator gave a headline score.' : `${parts.join('; ')}.`;
}

function tellValue(value: number | null | undefined): string {
  return value == null ? 'unknown' : formatScore(value);
}

function tellStanding(headlines: readonly DatasetScore[], nearHoldout: number): string {
  const floor = compared(headlines, 'independent').filter(({ advantage }) => advantage > 0);
  const floorCount = compared(headlines, 'independent').length;
  const ceiling = compared(headlines, 'holdout');
  const beats =
    floorCount === 0
      ? 'No score could be set against independent columns'
      : `The rows are better than independent columns in ${floor.length} of ${floorCount} headline scores`;
  if (ceiling.length === 0) return `${beats}, and no held-out rows are there to show what the best would be.`;
  const near = ceiling.filter(({ advantage }) => advantage >= -nearHoldout);
  const worst = ceiling.reduce((a, b) => (b.advantage < a.advantage ? b : a));
  const { metric, synthetic, control } = worst;
  return `${beats}, and come within ${formatNumber(nearHoldout)} of held-out real rows in ${near.length} of ${ceiling.length}; furthest from them is ${metric.title}, ${formatScore(synthetic)} against ${formatScore(control)}.`;
}

interface Standing {
  readonly metric: MetricDefinition;
  readonly synthetic: number;
  readonly control: number;
  /** How much better than the control, as a part of the score's range. */
  readonly advantage: number;
}

function compared(headlines: readonly DatasetScore[], subject: 'independent' | 'holdout'): Standing[] {
  return headlines.flatMap(({ metric, bySubject }) => {
    const synthetic = bySubject.synthetic?.value;
    const control = bySubject[subject]?.value;
    if (synthetic == null || control == null) return [];
    const [low, high] = metric.range;
    const sign = metric.better === 'higher' ? 1 : -1;
    return [{ metric, synthetic, control, advantage: (sign * (synthetic - control)) / (high - low) }];
  });
}

function tellClaimsAndGaps(headlines: readonly DatasetScore[], privacySpent: PrivacySpent | null): string {
  const claim =
    privacySpent === null
      ? 'The generator claims no differential privacy'
      : `The generator claims differential privacy with ε = ${formatNumber(privacySpent.epsilon)} and δ = ${formatNumber(privacySpent.delta)}`;
  const gaps = headlines.filter(({ bySubject }) => bySubject.synthetic?.value == null);
  if (gaps.length === 0) return `${claim}, and every headline score could be computed.`;
  const reasons = gaps.map(({ metric, bySubject }) => `${metric.title} (${bySubject.synthetic?.reason ?? 'no value'})`);
  return `${claim}, and these headline scores could not be computed: ${reasons.join(', ')}.`;
}
