import type { EvaluationComparison } from './evaluation-comparison.js';

export { ComparisonService, FEWEST_COMPARED, MOST_COMPARED } from './comparison.service.js';
export type {
  ComparedEvaluation,
  ComparedEvaluator,
  ComparedScore,
  ComparedValue,
  EvaluationComparison,
} from './evaluation-comparison.js';

/** The comparison as one self-contained HTML page, drawn by code that is loaded at the first call. */
export async function renderComparisonHtml(comparison: EvaluationComparison): Promise<string> {
  const { renderComparison } = await import('./comparison-page.js');
  return renderComparison(comparison);
}
