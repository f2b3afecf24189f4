import { ConditionError, restrictCoding, type ColumnCoding, type Condition } from '../../../core/plugin-api/index.js';

/** What conditions leave of the columns. */
export interface HeldColumns {
  /** Decode to cells that meet the conditions. */
  readonly codings: readonly ColumnCoding[];
  /** By column: the part of each code that is left; null where no condition is on the column. */
  readonly allowed: readonly (Float64Array | null)[];
}

/** @throws ConditionError for a column or a value that the model does not know, or conditions that exclude one another. */
export function holdColumns(codings: readonly ColumnCoding[], conditions: readonly Condition[]): HeldColumns {
  const held = [...codings];
  const allowed: (Float64Array | null)[] = codings.map(() => null);
  for (const condition of conditions) {
    const c = codings.findIndex(({ name }) => name === condition.column);
    if (c < 0) throw new ConditionError(condition.column, `There is no column "${condition.column}"`);
    const { coding, shares } = restrictCoding(held[c]!, condition);
    const before = allowed[c];
    const both = before ? shares.map((share, code) => share * before[code]!) : shares;
    if (!both.some((share) => share > 0)) {
      throw new ConditionError(
        condition.column,
        `The conditions on the column "${condition.column}" exclude one another`,
      );
    }
    held[c] = coding;
    allowed[c] = both;
  }
  return { codings: held, allowed };
}
