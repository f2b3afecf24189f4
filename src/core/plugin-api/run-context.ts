import type { ArtefactReader, ArtefactWriter } from './artefacts.js';
import type { Compute } from './compute.js';

export type RunPhase = 'prepare' | 'train' | 'sample' | 'evaluate';

export interface PrivacySpent {
  readonly epsilon: number;
  readonly delta: number;
}

export interface Progress {
  readonly phase: RunPhase;
  /** Units done, in part too, and to do in this phase. */
  readonly completed: number;
  readonly total: number;
  /** Set while training in epochs: they are then shown as such. */
  readonly unit?: 'epoch';
  /** Losses and the like, by name; finite numbers only. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly privacySpent?: PrivacySpent;
}

export interface PluginLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Saved states of a run that is under way, kept by the host so that a killed run goes on from the last one. */
export interface Checkpoints {
  /** The last state saved by an earlier attempt of the same run, or null. */
  restore(): Promise<ArtefactReader | null>;
  /** True when the host's interval has passed since the last save. */
  due(): boolean;
  /** Replaces the last state as a whole: a crash meanwhile keeps the old one. */
  save(write: (writer: ArtefactWriter) => Promise<void>): Promise<void>;
}

export interface RunContext {
  readonly signal: AbortSignal;
  /** A 32-bit unsigned integer. The same seed, config and rows give the same result. */
  readonly seed: number;
  /**
   * The user asked for this seed, so that the run can be repeated. Absent or false: it was drawn for this run. A differentially
   * private plugin must take its noise from a cryptographic generator unless this is true, and say so when it is.
   */
  readonly seedIsUsers?: boolean;
  /** Compiles tensor programs; `compute.tf` is the host's one TensorFlow.js, so that a plugin brings none of its own. */
  readonly compute: Compute;
  readonly checkpoints: Checkpoints;
  readonly logger: PluginLogger;
  /** Cheap and synchronous; the host throttles, stores and broadcasts. */
  report(progress: Progress): void;
  /** Await once per step: lets the event loop run when due, then throws if the run was cancelled. */
  tick(): Promise<void>;
}
