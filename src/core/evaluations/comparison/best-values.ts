import type { MetricDefinition } from '../../plugin-api/index.js';
import type { ComparedValue } from './evaluation-comparison.js';

type Known = ComparedValue & { readonly value: number };

/** Ids of the evaluations that no other surely beats: the best one, and those that chance may set apart from it. */
export function bestValues({ better }: Pick<MetricDefinition, 'better'>, values: readonly ComparedValue[]): string[] {
  const known = values.filter((value): value is Known => value.value !== null);
  if (known.length < 2) return [];
  const sign = better === 'higher' ? 1 : -1;
  const best = known.reduce((a, b) => (sign * b.value > sign * a.value ? b : a));
  return known.filter((one) => isLevel(one, best)).map(({ evaluationId }) => evaluationId);
}

/** Without both intervals nobody knows what chance does: then only equal values are level. */
function isLevel(one: Known, best: Known): boolean {
  if (one.value === best.value) return true;
  if (one.interval === null || best.interval === null) return false;
  return one.interval[0] <= best.interval[1] && best.interval[0] <= one.interval[1];
}
