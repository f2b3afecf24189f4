import type { MetricDefinition, PrivacySpent } from '../../plugin-api/index.js';
import { type DatasetScore, headlineScores } from './dataset-scores.js';
import type { EvaluatorSection } from './evaluation-report.js';
import { formatNumber, formatScore } from './format.js';

/** Shortfalls that the verdict names; the table of headline scores below it has them all. */
const SHORTFALLS_NAMED = 3;

/** Three sentences: what is as good as held-out rows, where the rows fall short of them, and what is claimed or unknown. */
export function writeVerdict(
  sections: readonly EvaluatorSection[],
  privacySpent: PrivacySpent | null,
  nearHoldout: number,
): readonly [string, string, string] {
  const headlines = sections.flatMap(headlineScores);
  return [
    tellStanding(sections, nearHoldout),
    tellShortfalls(headlines, nearHoldout),
    tellClaimsAndGaps(headlines, privacySpent),
  ];
}

function tellStanding(sections: readonly EvaluatorSection[], nearHoldout: number): string {
  const standings = sections.flatMap((section) => {
    const ceiling = compared(headlineScores(section), 'holdout');
    if (ceiling.length === 0) return [];
    const near = ceiling.filter(({ advantage }) => advantage >= -nearHoldout);
    return [`${near.length} of ${ceiling.length} scores of ${section.title.toLowerCase()}`];
  });
  if (standings.length === 0) return 'No score could be set against those of real rows held out of training.';
  return `The synthetic rows are as good as real rows held out of training, to within ${formatNumber(nearHoldout)}, in ${listed(standings)}.`;
}

function tellShortfalls(headlines: readonly DatasetScore[], nearHoldout: number): string {
  const floor = compared(headlines, 'independent');
  const above = floor.filter(({ advantage }) => advantage > 0);
  const beats =
    floor.length === 0
      ? 'no score could be set against independent columns'
      : `${above.length} of ${floor.length} scores are better than those of independent columns`;
  const short = compared(headlines, 'holdout')
    .filter(({ advantage }) => advantage < -nearHoldout)
    .toSorted((a, b) => a.advantage - b.advantage);
  if (short.length === 0) return capitalised(`${beats}.`);
  const named = short
    .slice(0, SHORTFALLS_NAMED)
    .map(
      ({ metric, synthetic, control }) => `${metric.title} (${formatScore(synthetic)} against ${formatScore(control)})`,
    );
  const more = short.length > named.length ? [`${short.length - named.length} more`] : [];
  return `They fall short of those rows most in ${listed([...named, ...more])}; ${beats}.`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
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
