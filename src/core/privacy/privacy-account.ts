import { type Job, TERMINAL_STATUSES } from '../jobs/job.entity.js';
import type { PrivacyCharge } from './privacy-charge.entity.js';

/** The most that the models of a dataset may give away together; δ null sets no limit to it. */
export interface PrivacyLimit {
  readonly epsilon: number;
  readonly delta: number | null;
}

/** What has been spent on a dataset, models in progress at their budgets included. */
export interface PrivacyAccount {
  /** Of the dataset. */
  readonly id: string;
  readonly epsilon: number;
  readonly delta: number;
  /** Trainings that read the rows, or are about to. */
  readonly models: number;
  /** Those of them that nothing bounds: they are in no ε. */
  readonly unboundedModels: number;
}

export type JobState = Pick<Job, 'status' | 'startedAt' | 'metrics'>;

/**
 * Basic composition: epsilons add up, and so do deltas (Dwork and Roth, "The Algorithmic Foundations of Differential
 * Privacy", theorem 3.16). It holds too where each budget is chosen after looking at the models before.
 */
export function addUp(
  charges: readonly { readonly charge: PrivacyCharge; readonly job: JobState | null }[],
): Omit<PrivacyAccount, 'id'> {
  const counted = charges.filter(({ charge, job }) => charge.settled || job === null || hasRead(job));
  return {
    epsilon: counted.reduce((sum, { charge }) => sum + charge.epsilon, 0),
    delta: counted.reduce((sum, { charge, job }) => sum + deltaOf(charge, job), 0),
    models: counted.length,
    unboundedModels: counted.filter(({ charge }) => !charge.bounded).length,
  };
}

/** A run that was cancelled before it began has read nothing. */
function hasRead({ status, startedAt }: JobState): boolean {
  return !TERMINAL_STATUSES.has(status) || startedAt !== null;
}

/** Where the plugin chooses δ it tells it with its progress; before that, nothing has come out of the run. */
function deltaOf({ delta }: PrivacyCharge, job: JobState | null): number {
  return delta ?? job?.metrics?.['delta'] ?? 0;
}
