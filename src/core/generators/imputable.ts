import { invalid } from '../errors/index.js';
import { toStudioError } from '../datasets/dataset.errors.js';
import type { AnyGeneratorPlugin } from '../plugin-api/index.js';
import { type ColumnPlan, hasGaps, planFill, type StoredTable } from '../tables/index.js';

/** Not every generator can say what a gap should hold, given the rest of its row. */
export function checkImputes({ id, capabilities }: AnyGeneratorPlugin): void {
  if (capabilities.imputation === true) return;
  const message = `The generator "${id}" cannot fill gaps: its models do not draw given the other cells of a row`;
  throw invalid({ field: 'generator_id', message, code: 'invalid_choice' });
}

/** The dataset has the columns that the model learned, and something to fill. */
export async function checkGaps(learned: ColumnPlan, { description }: StoredTable): Promise<void> {
  let isGappy: boolean;
  try {
    isGappy = hasGaps(planFill(learned, description), description);
  } catch (error) {
    throw toStudioError(error);
  }
  if (isGappy) return;
  const message = 'The dataset has no gap in a column that the model learned';
  throw invalid({ field: 'dataset_id', message, code: 'invalid_choice' });
}
