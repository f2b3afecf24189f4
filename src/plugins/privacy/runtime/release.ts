import { drawRows, type MetricSubject, takeTableRows, type WholeTable } from '../../../core/plugin-api/index.js';
import { RowSpace, type SpaceRows } from './distance/row-space.js';

/** A table in both forms: as cells, and placed in the space of distances. */
export interface PlacedTable {
  readonly table: WholeTable;
  readonly rows: SpaceRows;
}

/** What an attacker has before them: the released rows, and people of whom some were in training and some were not. */
export interface Release {
  readonly subject: MetricSubject;
  readonly space: RowSpace;
  readonly released: PlacedTable;
  readonly training: PlacedTable;
  /** Null when there are no people outside of training to compare with. */
  readonly control: PlacedTable | null;
}

/** Fewer held-out rows than these are not halved for their own control. */
const LEAST_HOLDOUT_TO_HALVE = 20;

export interface ReleaseTables {
  readonly training: WholeTable;
  readonly synthetic: WholeTable;
  readonly independent: WholeTable;
  readonly holdout: WholeTable | null;
}

/**
 * The generator's release and the two controls. Fresh real rows: one half of the held-out rows is released, and the other
 * half stands for the people outside.
 */
export function makeReleases({ training, synthetic, independent, holdout }: ReleaseTables, seed: number): Release[] {
  const space = new RowSpace(training);
  const place = (table: WholeTable): PlacedTable => ({ table, rows: space.place(table) });
  const placedTraining = place(training);
  const control = holdout !== null && holdout.rowCount > 0 ? place(holdout) : null;
  const release = (subject: MetricSubject, released: PlacedTable, outside: PlacedTable | null): Release => {
    return { subject, space, released, training: placedTraining, control: outside };
  };
  const releases = [
    release('synthetic', place(synthetic), control),
    release('independent', place(independent), control),
  ];
  if (holdout !== null && holdout.rowCount >= LEAST_HOLDOUT_TO_HALVE) {
    const [first, second] = halve(holdout, seed);
    releases.push(release('holdout', place(first), place(second)));
  }
  return releases;
}

function halve(table: WholeTable, seed: number): [WholeTable, WholeTable] {
  const first = drawRows(table.rowCount, Math.floor(table.rowCount / 2), seed, 'privacy.halves');
  const isFirst = new Set(first);
  const second = Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => !isFirst.has(row));
  return [takeTableRows(table, first), takeTableRows(table, second)];
}

/** At most so many rows of a placed table, drawn by the seed. */
export function drawPlaced(placed: PlacedTable, count: number, space: RowSpace, seed: number, purpose: string) {
  if (count >= placed.table.rowCount) return placed;
  const table = takeTableRows(placed.table, drawRows(placed.table.rowCount, count, seed, purpose));
  return { table, rows: space.place(table) };
}
