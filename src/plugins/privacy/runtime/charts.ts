import { type Chart, toRisk } from '../../../core/plugin-api/index.js';
import { type Assessment, type Gain, gainOfAttempt, gainOfDisclosure } from './assess-release.js';
import type { Nearest } from './distance/nearest.js';
import type { ReleaseGains } from './score-release.js';

const BARS = 30;
const CURVE_POINTS = 200;

/** Shares of rows by their distance: synthetic rows to training and held-out rows, held-out rows to training rows. */
export function distanceChart(synthetic: Assessment, holdout: Assessment | undefined): Chart {
  const { training, control, columnCount } = synthetic.closeness;
  const all: [string, Nearest | null | undefined][] = [
    ['Synthetic to training rows', training],
    ['Synthetic to held-out rows', control],
    ['Held-out to training rows', holdout?.closeness.training],
  ];
  const series = all.flatMap(([name, nearest]) => {
    if (!nearest) return [];
    const distances = nearest.distance.filter(Number.isFinite).map((distance) => distance / columnCount);
    return distances.length === 0 ? [] : [{ name, distances }];
  });
  const furthest = series.reduce((far, { distances }) => distances.reduce((a, b) => Math.max(a, b), far), 0) || 1;
  return {
    type: 'lines',
    id: 'distances',
    title: 'Distance to the closest record',
    description:
      'The share of rows at each distance from their nearest record. Synthetic rows that lie nearer to training rows than held-out rows do were learned by heart.',
    xLabel: 'Distance (0 is equal, 1 differs in all columns)',
    yLabel: 'Share of rows',
    series: series.map(({ name, distances }) => ({ name, points: shares(distances, furthest) })),
  };
}

function shares(distances: Float64Array, furthest: number): [number, number][] {
  const counts = new Float64Array(BARS);
  for (const distance of distances) counts[Math.min(BARS - 1, Math.floor((distance / furthest) * BARS))]!++;
  return Array.from(counts, (count, bar) => [((bar + 0.5) * furthest) / BARS, count / distances.length]);
}

export function membershipChart(assessments: readonly Assessment[]): Chart {
  const names = { synthetic: 'Synthetic rows', independent: 'Independent columns', holdout: 'Held-out rows' };
  return {
    type: 'lines',
    id: 'membership-roc',
    title: 'Membership inference',
    description:
      'The share of training rows recognised against the share of held-out rows mistaken for training rows: the nearer to the diagonal, the less is told.',
    xLabel: 'Held-out rows mistaken',
    yLabel: 'Training rows recognised',
    series: assessments.map(({ release, membership }) => ({
      name: names[release.subject],
      points: thinned(membership.curve),
    })),
  };
}

function thinned(points: Assessment['membership']['curve']): (readonly [number, number])[] {
  const stride = Math.max(1, Math.ceil(points.length / CURVE_POINTS));
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

export function attackTable(assessment: Assessment, gains: ReleaseGains): Chart {
  const { singlingOut, linking, inference, disclosure } = assessment;
  return {
    type: 'table',
    id: 'attacks',
    title: 'Attacks on the synthetic rows',
    description: 'How often each attack succeeds on training rows and on held-out rows, and the risk that this leaves.',
    columns: ['Attack', 'Attempts', 'Success', 'Success on held-out rows', 'Risk', '95 % from', '95 % to'],
    rows: [
      attackRow('Singling out, one column', singlingOut.univariate, gains.univariate),
      attackRow('Singling out, several columns', singlingOut.multivariate, gains.multivariate),
      attackRow('Linking two halves of a row', linking, gains.linkability),
      ...inference.map(({ column, attempt }) => attackRow(`Guessing "${column}"`, attempt, gainOfAttempt(attempt))),
      ...disclosure.map((finding) => [
        `Attributing "${finding.column}"`,
        finding.attribution?.people ?? 0,
        finding.attribution?.mean ?? null,
        finding.control?.mean ?? null,
        ...interval(gainOfDisclosure(finding)),
      ]),
    ],
  };
}

function attackRow(name: string, { result }: Assessment['linking'], gain: Gain): (string | number | null)[] {
  if (result === null) return [name, 0, null, null, ...interval(gain)];
  return [name, result.attacks, result.attack.value, result.control.value, ...interval(gain)];
}

function interval({ gain }: Gain): (number | null)[] {
  if (gain === null) return [null, null, null];
  const { value, low, high } = toRisk(gain);
  return [value, low, high];
}
