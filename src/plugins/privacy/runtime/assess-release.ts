import {
  attackGain,
  knownScore,
  type Rate,
  type RunContext,
  type Score,
  unknownScore,
} from '../../../core/plugin-api/index.js';
import type { PrivacyConfig } from '../config.js';
import type { Attempt } from './attacks/attack-result.js';
import { type Attribution, AttributionAttack, countValues } from './attacks/disclosure.js';
import { attackByInference, type InferenceAttempt } from './attacks/inference.js';
import { attackByLinking } from './attacks/linkability.js';
import { inferMembership, type MembershipFinding } from './attacks/membership.js';
import { attackBySinglingOut, type SinglingOutAttempts } from './attacks/singling-out.js';
import type { ChosenColumns } from './choose-columns.js';
import type { Closeness } from './closeness.js';
import { findNearest } from './distance/nearest.js';
import { identicalShare } from './identical-rows.js';
import { drawPlaced, type Release } from './release.js';

export interface DisclosureFinding {
  readonly column: string;
  readonly attribution: Attribution | null;
  readonly control: Attribution | null;
  /** Values among which a blind attacker would guess. */
  readonly values: number;
}

/** All that was found out about one release. */
export interface Assessment {
  readonly release: Release;
  readonly closeness: Closeness;
  readonly identical: Score;
  readonly membership: MembershipFinding;
  readonly singlingOut: SinglingOutAttempts;
  readonly linking: Attempt;
  readonly inference: readonly InferenceAttempt[];
  readonly disclosure: readonly DisclosureFinding[];
}

export const STEPS_PER_RELEASE = 6;

export async function assessRelease(
  release: Release,
  columns: ChosenColumns,
  config: PrivacyConfig,
  context: Pick<RunContext, 'seed' | 'tick'>,
  stepDone: () => void,
): Promise<Assessment> {
  const { attacks } = config;
  const step = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    stepDone();
    return result;
  };
  return {
    release,
    identical: identicalShare(release.released.rows, release.training.rows),
    closeness: await step(measureCloseness(release, rowsAsked(config, release.space.columnCount), context)),
    membership: await step(inferMembership(release, attacks, context)),
    singlingOut: await step(attackBySinglingOut(release, { attacks, columns: config.singling_out_columns }, context)),
    linking: await step(attackByLinking(release, attacks, context)),
    inference: await step(
      attackByInference(release, columns.secrets, { attacks, tolerance: config.inference_tolerance }, context),
    ),
    disclosure: await step(measureDisclosure(release, columns, config.disclosure_bins, context)),
  };
}

/** Rows whose nearest records are looked for. */
export function rowsAsked({ distance_rows, distance_cells }: PrivacyConfig, columnCount: number): number {
  return Math.min(distance_rows, Math.max(FEWEST_ROWS_ASKED, Math.floor(distance_cells / Math.max(1, columnCount))));
}

/** However wide the table is: with fewer, quantiles of the distances say little. */
const FEWEST_ROWS_ASKED = 10;

async function measureCloseness(
  { released, training, control, space }: Release,
  rows: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<Closeness> {
  const asked = drawPlaced(released, rows, space, context.seed, 'privacy.distances');
  return {
    training: await findNearest(asked.rows, training.rows, context),
    control: control === null ? null : await findNearest(asked.rows, control.rows, context),
    trainingRows: training.table.rowCount,
    controlRows: control?.table.rowCount ?? 0,
    columnCount: space.columnCount,
  };
}

async function measureDisclosure(
  { released, training, control }: Release,
  { known, sensitive }: ChosenColumns,
  bins: number,
  context: Pick<RunContext, 'tick'>,
): Promise<DisclosureFinding[]> {
  if (known.length === 0) return [];
  const attack = new AttributionAttack(training.table, known, sensitive, bins);
  await attack.learn(released.table, context);
  const inside = await attack.attribute(training.table, context);
  const outside = control === null ? [] : await attack.attribute(control.table, context);
  return sensitive.map((column, s) => ({
    column,
    attribution: inside[s]!,
    control: outside[s] ?? null,
    values: countValues(training.table, column, bins),
  }));
}

/** What an attack gains, not yet cut to 0 to 1, or why nobody can say. */
export type Gain =
  { readonly gain: Rate; readonly reason?: undefined } | { readonly gain: null; readonly reason: string };

export function gainOfAttempt({ result, reason }: Attempt): Gain {
  return result === null ? { gain: null, reason: reason! } : { gain: attackGain(result.attack, result.control) };
}

const Z = 1.959963984540054;

/** (probability − control) / (1 − control), its 95 % interval from both standard errors. */
export function gainOfDisclosure({ column, attribution, control }: DisclosureFinding): Gain {
  if (attribution === null) {
    return {
      gain: null,
      reason: `Nobody's known values are among the released rows: "${column}" cannot be attributed`,
    };
  }
  if (control === null) return { gain: null, reason: 'There are no held-out rows whose known values are released' };
  if (control.mean >= 1) return { gain: { value: 0, error: 0 } };
  return { gain: attackGain(toRate(attribution), toRate(control)) };
}

function toRate({ mean, error }: Attribution): Rate {
  return { value: mean, error: Z * error };
}

/** The library's score: (1 − probability) / (1 − 1/values), at most 1. */
export function disclosureProtection({ column, attribution, values }: DisclosureFinding): Score {
  if (attribution === null) return unknownScore(`Nobody's known values are among the released rows: "${column}"`);
  if (values < 2)
    return unknownScore(`Column "${column}" has one value in the training rows: there is nothing to guess`);
  return knownScore(Math.min(1, (1 - attribution.mean) / (1 - 1 / values)));
}

/** The mean of the gains; its interval is as wide as if all erred together. */
export function meanGain(gains: readonly Gain[], whenNone: string): Gain {
  const found = gains.flatMap(({ gain }) => (gain === null ? [] : [gain]));
  if (found.length === 0) return { gain: null, reason: gains.find(({ reason }) => reason)?.reason ?? whenNone };
  const mean = (part: keyof Rate) => found.reduce((sum, gain) => sum + gain[part], 0) / found.length;
  return { gain: { value: mean('value'), error: mean('error') } };
}
