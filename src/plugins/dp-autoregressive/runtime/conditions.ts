import {
  alternativesByColumn,
  type Column,
  type ColumnCoding,
  type Condition,
  ConditionError,
  decodeColumn,
  type NumericColumn,
  restrictCoding,
  type RestrictedCoding,
} from '../../../core/plugin-api/index.js';

/** A column with what conditions leave of it. */
export interface HeldColumn {
  /** Of which each cell meets one: what one condition leaves, or else single values. */
  readonly alternatives: readonly [RestrictedCoding, ...RestrictedCoding[]];
  /** By code: the part of it that all alternatives leave together; null where no condition is on the column. */
  readonly allowed: Float64Array | null;
}

/** @throws ConditionError for a column or a value that the model does not know, or conditions that exclude one another. */
export function holdColumns(codings: readonly ColumnCoding[], conditions: readonly Condition[]): HeldColumn[] {
  const byColumn = alternativesByColumn(conditions);
  for (const column of byColumn.keys()) {
    if (codings.every(({ name }) => name !== column)) {
      throw new ConditionError(column, `There is no column "${column}"`);
    }
  }
  return codings.map((coding): HeldColumn => {
    const simple = byColumn.get(coding.name);
    if (simple === undefined) return { alternatives: [{ coding, shares: new Float64Array() }], allowed: null };
    const [first, ...others] = simple.map((condition) => restrictCoding(coding, condition));
    const allowed = first!.shares.map((share, code) => others.reduce((sum, { shares }) => sum + shares[code]!, share));
    return { alternatives: [first!, ...others], allowed };
  });
}

/** Cells of a column from codes that are allowed; `position(i)` in [0, 1) chooses for row i among all that its code stands for. */
export function decodeHeld(
  { alternatives }: HeldColumn,
  codes: ArrayLike<number>,
  position: (row: number) => number,
): Column {
  const [{ coding }, ...others] = alternatives;
  if (others.length === 0 || 'categories' in coding.values) return decodeColumn(coding, codes, position);
  const cells = alternatives.map(onlyCell);
  return { values: Float64Array.from(codes, (code, row) => cells[choose(alternatives, code, position(row))]!) };
}

/** The value of an alternative that leaves a single one. */
function onlyCell({ coding, shares }: RestrictedCoding): number {
  const column = decodeColumn(coding, [shares.findIndex((share) => share > 0)], () => 0);
  return (column as NumericColumn).values[0]!;
}

/** The place of an alternative that leaves something of the code, in proportion to how much. */
function choose(alternatives: readonly RestrictedCoding[], code: number, uniform: number): number {
  let rest = uniform * alternatives.reduce((sum, { shares }) => sum + shares[code]!, 0);
  let last = -1;
  for (const [k, { shares }] of alternatives.entries()) {
    const share = shares[code]!;
    if (share === 0) continue;
    last = k;
    rest -= share;
    if (rest < 0) break;
  }
  return last;
}
