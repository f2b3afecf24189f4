import { knownScore, type Score, successRate, unknownScore } from '../../../core/plugin-api/index.js';
import type { Nearest } from './distance/nearest.js';

/** Distances of released rows to the training rows and to people outside. */
export interface Closeness {
  readonly training: Nearest;
  readonly control: Nearest | null;
  readonly trainingRows: number;
  readonly controlRows: number;
  readonly columnCount: number;
}

const NONE_OUTSIDE = 'There are no held-out rows to compare with';
const NO_ROWS = 'There are no rows to compare';

/**
 * The share of rows whose nearest record is a training row, as if there were as many training as held-out rows. Rows equally
 * near share the vote (one each: half): without memory, the nearest of all records is any of them with equal chance, so that
 * a vote for a held-out row weighs as much more as there are more training rows.
 */
export function closerToTraining(closeness: Closeness): Score {
  const { control, trainingRows, controlRows } = closeness;
  if (control === null) return unknownScore(NONE_OUTSIDE);
  const { votes, total } = countVotes(closeness, () => true);
  if (total === 0 || trainingRows === 0) return unknownScore(NO_ROWS);
  const odds = trainingRows / controlRows;
  const weighed = (share: number) => share / (share + (1 - share) * odds);
  const { value, error } = successRate(votes, total);
  const interval = [weighed(Math.max(0, value - error)), weighed(Math.min(1, value + error))] as const;
  return knownScore(votes / (votes + (total - votes) * odds), interval);
}

export interface CopyFinding {
  readonly share: Score;
  /**
   * How many standard deviations fewer of the close matches are with held-out rows than chance alone would leave there; 0
   * where there is nothing to go by.
   */
  readonly deviation: number;
}

/**
 * Rows that all but repeat one record: nearest to it, with the next other record further away by more than 1/`ratio`. Chance
 * deals such matches out among training and held-out rows by their numbers alone; the excess in training is copying.
 */
export function findCopies(closeness: Closeness, ratio: number): CopyFinding {
  const { control, trainingRows, controlRows, training } = closeness;
  if (control === null) return { share: unknownScore(NONE_OUTSIDE), deviation: 0 };
  const queries = training.distance.length;
  if (queries === 0 || trainingRows === 0) return { share: unknownScore(NO_ROWS), deviation: 0 };
  const { votes, total } = countVotes(closeness, (nearest, next) => nearest < ratio * next);
  const expectedOutside = (total * controlRows) / (trainingRows + controlRows);
  const spread = Math.sqrt((expectedOutside * trainingRows) / (trainingRows + controlRows));
  const outside = total - votes;
  const excess = votes - (outside * trainingRows) / controlRows;
  return {
    share: knownScore(Math.min(1, Math.max(0, excess / queries))),
    deviation: spread > 0 ? (expectedOutside - outside) / spread : 0,
  };
}

/** Votes for training among the rows of which the nearest and the next other distance pass the test. */
function countVotes(
  { training, control }: Closeness,
  passes: (nearest: number, next: number) => boolean,
): { votes: number; total: number } {
  let votes = 0;
  let total = 0;
  for (let row = 0; row < training.distance.length; row++) {
    const inside = training.distance[row]!;
    const outside = control!.distance[row]!;
    const nearest = Math.min(inside, outside);
    const candidates = [inside, outside, training.next[row]!, control!.next[row]!];
    const next = Math.min(...candidates.filter((distance) => distance > nearest));
    if (!passes(nearest, next)) continue;
    total++;
    const insideTies = inside === nearest ? training.ties[row]! : 0;
    const outsideTies = outside === nearest ? control!.ties[row]! : 0;
    votes += insideTies / (insideTies + outsideTies);
  }
  return { votes, total };
}

/** A quantile of the distances, as means over the columns. */
export function distanceQuantile(nearest: Nearest, columnCount: number, q: number): Score {
  const distances = nearest.distance.filter(Number.isFinite).map((distance) => distance / columnCount);
  return quantileOf(distances, q);
}

const RATIO_OFFSET = 1e-8;

/** A quantile of (d₁ + 10⁻⁸) / (d₂ + 10⁻⁸), where d₂ is the distance of the second nearest row. */
export function ratioQuantile({ distance, ties, next }: Nearest, columnCount: number, q: number): Score {
  const ratios: number[] = [];
  distance.forEach((nearest, row) => {
    const second = ties[row]! > 1 ? nearest : next[row]!;
    if (!Number.isFinite(second)) return;
    ratios.push((nearest / columnCount + RATIO_OFFSET) / (second / columnCount + RATIO_OFFSET));
  });
  return quantileOf(Float64Array.from(ratios), q);
}

function quantileOf(values: Float64Array, q: number): Score {
  if (values.length === 0) return unknownScore(NO_ROWS);
  const sorted = values.toSorted();
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return knownScore(low + (high - low) * (position - Math.floor(position)));
}
