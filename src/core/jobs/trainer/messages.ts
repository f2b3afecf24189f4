import type { Progress, RunPhase } from '../../plugin-api/index.js';
import type { FieldError } from '../../errors/index.js';
import type { TrainerResult, TrainerTask } from '../job-handler.js';

/** What a trainer process is given: one task, and the folders that are its own. */
export interface TrainerOrder {
  readonly task: TrainerTask;
  /** Empty; removed when the attempt ends. */
  readonly scratch: string;
  /** Kept from one attempt of the job to the next. */
  readonly checkpointFolder: string;
}

export interface TrainerFailure {
  readonly type: string;
  readonly detail: string;
  readonly fields?: readonly FieldError[];
  /** For the log alone. */
  readonly stack?: string;
}

export type ToTrainer = { readonly type: 'run'; readonly order: TrainerOrder } | { readonly type: 'abort' };

export type FromTrainer =
  | { readonly type: 'progress'; readonly progress: Progress }
  /** A phase begins, at this time in epoch milliseconds. */
  | { readonly type: 'phase'; readonly phase: RunPhase; readonly at: number }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'result'; readonly result: TrainerResult }
  | { readonly type: 'failed'; readonly failure: TrainerFailure }
  | { readonly type: 'aborted' };
