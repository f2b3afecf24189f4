import type { Chart } from '../../plugin-api/index.js';
import { formatNumber, formatScore } from '../report/format.js';
import { renderDocument } from '../report/html/document.js';
import { renderFigure } from '../report/html/figures.js';
import { type Html, html } from '../report/html/html.js';
import { nameOf, rangeOf } from '../report/html/score-tables.js';
import { type Cell, renderTable } from '../report/html/table.js';
import type {
  ComparedEvaluation,
  ComparedEvaluator,
  ComparedScore,
  ComparedValue,
  EvaluationComparison,
} from './evaluation-comparison.js';

export function renderComparison({ evaluations, evaluators, notes }: EvaluationComparison): string {
  const names = evaluations.map(nameOfEvaluation);
  const title = `${evaluations.length} evaluations side by side`;
  const body = html`<a class="skip" href="#compared">Skip to what is compared</a>
    <header>
      <h1>${title}</h1>
      <nav aria-label="Contents">
        <ul>
          <li><a href="#compared">What is compared</a></li>
          ${evaluators.map(({ id, title: name }) => html`<li><a href="#evaluator-${id}">${name}</a></li>`)}
        </ul>
      </nav>
    </header>
    <main>
      <section aria-labelledby="compared">
        <h2 id="compared">What is compared</h2>
        ${renderFacts(evaluations, names)}
        <ul class="notes">
          ${notes.map((note) => html`<li>${note}</li>`)}
        </ul>
      </section>
      ${evaluators.map((evaluator) => renderEvaluator(evaluator, names))}
    </main>`;
  return renderDocument(title, body);
}

/** A letter tells runs of one name apart. */
function nameOfEvaluation({ generator }: ComparedEvaluation, index: number): string {
  return `${String.fromCharCode('A'.charCodeAt(0) + index)}: ${generator.name ?? generator.type}`;
}

const FACTS: readonly (readonly [string, (evaluation: ComparedEvaluation) => string])[] = [
  ['Generator', ({ generator }) => generator.type],
  ['Configuration', ({ generator }) => JSON.stringify(generator.config)],
  ['Rows made', ({ generator }) => (generator.rowCount === null ? 'unknown' : formatNumber(generator.rowCount))],
  ['Training, first rows included', ({ trainingSeconds }) => tellSeconds(trainingSeconds)],
  ['Privacy spent', ({ privacySpent }) => tellPrivacy(privacySpent)],
  ['Seed', ({ generator }) => String(generator.seed)],
  ['Dataset', ({ dataset }) => dataset.name],
  ['Evaluated', ({ createdAt }) => createdAt],
  ['Evaluation', ({ id }) => id],
];

function renderFacts(evaluations: readonly ComparedEvaluation[], names: readonly string[]): Html {
  const rows = FACTS.map(([name, tell]) => [name, ...evaluations.map(tell)]);
  return renderTable({ caption: 'What is compared', head: ['', ...names], rows });
}

function tellSeconds(seconds: number | null): string {
  return seconds === null ? 'unknown: the run was deleted' : `${formatNumber(seconds)} s`;
}

function tellPrivacy(spent: ComparedEvaluation['privacySpent']): string {
  return spent === null ? 'no claim' : `ε = ${formatNumber(spent.epsilon)}, δ = ${formatNumber(spent.delta)}`;
}

function renderEvaluator(evaluator: ComparedEvaluator, names: readonly string[]): Html {
  const heading = `evaluator-${evaluator.id}`;
  const chart = headlineChart(evaluator, names);
  return html`<section aria-labelledby="${heading}">
    <h2 id="${heading}">${evaluator.title}</h2>
    ${evaluator.incomparable === null ? null : html`<p class="caveat">${evaluator.incomparable}: no score is called best.</p>`}
    ${chart === null ? null : html`<div class="figures">${renderFigure(chart)}</div>`}
    ${renderTable({
      caption: `${evaluator.title}: scores of the whole table`,
      head: ['Score', 'Range', 'Better', ...names],
      rows: evaluator.scores.map(renderScore),
    })}
  </section>`;
}

function renderScore({ metric, values, best }: ComparedScore): Cell[] {
  return [nameOf(metric), rangeOf(metric), metric.better, ...values.map((value) => renderValue(value, best))];
}

function renderValue(
  { evaluationId, value, reason, interval, independent, holdout }: ComparedValue,
  best: readonly string[],
): Html {
  if (value === null) return html`<span class="reason">${reason}</span>`;
  const isBest = best.includes(evaluationId);
  const controls = [
    ['independent columns', independent],
    ['held-out rows', holdout],
  ] as const;
  return html`<span class="${isBest ? 'value best' : 'value'}">${formatScore(value)}</span>
    ${isBest ? html`<span class="meaning">${best.length === 1 ? 'best' : 'among the best'}</span>` : null}
    ${interval === null ? null : html`<span class="meaning">${formatScore(interval[0])} to ${formatScore(interval[1])}</span>`}
    ${controls.map(([name, control]) => (control === null ? null : html`<span class="meaning">${name} ${formatScore(control)}</span>`))}`;
}

/** Null where no evaluation has a headline score. */
function headlineChart(
  { id, title, scores }: ComparedEvaluator,
  names: readonly string[],
): Extract<Chart, { type: 'bars' }> | null {
  const shown = scores.filter(
    ({ metric, values }) => metric.headline === true && values.every(({ value }) => value !== null),
  );
  if (shown.length === 0) return null;
  const directions = shown.map(({ metric }) => `${metric.title}: ${metric.better} is better`);
  return {
    type: 'bars',
    id: `compared-${id}`,
    title: `${title}: headline scores`,
    description: `Of each evaluation. ${directions.join('; ')}.`,
    categories: shown.map(({ metric }) => metric.title),
    series: names.map((name, i) => ({ name, values: shown.map(({ values }) => values[i]!.value!) })),
  };
}
