import { AsyncLocalStorage } from 'node:async_hooks';

export interface CompanionRow {
  readonly table: string;
  readonly row: Readonly<Record<string, string | number | null>>;
}

/** Rows that are committed together with whatever is written on its behalf; one that is there already stays. */
export interface CommitCompanion {
  /** Asked at each commit. */
  rows(): readonly CompanionRow[];
}

const current = new AsyncLocalStorage<CommitCompanion>();

/** Runs something whose commits, each of them, take the companion's rows along. Within another one both go along. */
export function withCompanion<T>(companion: CommitCompanion, run: () => T): T {
  const outer = current.getStore();
  const both = outer === undefined ? companion : { rows: () => [...outer.rows(), ...companion.rows()] };
  return current.run(both, run);
}

export function companionRows(): readonly CompanionRow[] {
  return current.getStore()?.rows() ?? [];
}
