import {
  aucInterval,
  knownScore,
  rocAuc,
  rocCurve,
  type RunContext,
  type Score,
  unknownScore,
} from '../../../../core/plugin-api/index.js';
import { findNearest } from '../distance/nearest.js';
import { drawPlaced, type Release } from '../release.js';

export interface MembershipFinding {
  readonly auc: Score;
  /** Share of training rows recognised where one held-out row in a hundred is taken for one. */
  readonly hits: Score;
  /** The lower end of the 95 % interval of 2·AUC − 1, not below 0: what the attacker surely gains over a coin. */
  readonly surelyAbove: number;
  readonly curve: readonly (readonly [number, number])[];
}

const Z = 1.959963984540054;

const FALSE_POSITIVES = 0.01;

/** The attacker takes a person for a member when a released row lies near to theirs. */
export async function inferMembership(
  { released, training, control, space }: Release,
  attacks: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<MembershipFinding> {
  if (control === null) return nothing('There are no held-out rows to compare with');
  if (released.table.rowCount === 0 || training.table.rowCount === 0) return nothing('There are no rows to compare');
  const members = drawPlaced(training, attacks, space, context.seed, 'privacy.membership.training');
  const others = drawPlaced(control, attacks, space, context.seed, 'privacy.membership.control');
  const near = await findNearest(members.rows, released.rows, context);
  const far = await findNearest(others.rows, released.rows, context);
  const scores = [...near.distance, ...far.distance].map((distance) => -distance);
  const isMember = scores.map((_, i) => (i < near.distance.length ? 1 : 0));
  const curve = rocCurve(scores, isMember);
  const hits = curve.reduce(
    (best, [falsely, rightly]) => (falsely <= FALSE_POSITIVES ? Math.max(best, rightly) : best),
    0,
  );
  const auc = rocAuc(scores, isMember)!;
  const spread = spreadOfAuc(near.distance.length, far.distance.length);
  const surelyAbove = Math.max(0, 2 * (auc - Z * spread) - 1);
  const interval = aucInterval(auc, near.distance.length, far.distance.length);
  return { auc: knownScore(auc, interval), hits: knownScore(hits), surelyAbove, curve };
}

/** Standard error of an AUC when nothing tells the groups apart (Mann, Whitney, 1947). */
function spreadOfAuc(members: number, others: number): number {
  return Math.sqrt((members + others + 1) / (12 * members * others));
}

function nothing(reason: string): MembershipFinding {
  return { auc: unknownScore(reason), hits: unknownScore(reason), surelyAbove: 0, curve: [] };
}
