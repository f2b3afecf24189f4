import type { EntityManager } from 'typeorm';
import type { Job, JobKind } from './job.entity.js';

/** What a trainer process is told: plain JSON, with paths of local files. */
export type TrainerTask = {
  readonly kind: JobKind;
  /** Of the plugin that does it, where one alone does. */
  readonly pluginId?: string;
};
/** What it answers when done; its files lie in the scratch folder. */
export type TrainerResult = object;

/** The domain's half of a job: what to run, and what becomes of the outcome. One for each kind. */
export interface JobHandler<Task extends TrainerTask = TrainerTask, Result extends TrainerResult = TrainerResult> {
  readonly kind: JobKind;
  /** A StudioError fails the job at once, without another attempt. */
  prepare(job: Job): Promise<Task>;
  /** Moves the files of `scratch` into the store. Safe to repeat: a crash may follow before `record`. */
  publish(job: Job, result: Result, scratch: string): Promise<void>;
  /** Writes the rows that make the outcome visible, in the transaction that also completes the job. */
  record(job: Job, result: Result, manager: EntityManager): Promise<void>;
  /** What is worth keeping of a job that failed or was cancelled, in the transaction that ends it. Absent: nothing. */
  settle?(job: Job, manager: EntityManager): Promise<void>;
}
