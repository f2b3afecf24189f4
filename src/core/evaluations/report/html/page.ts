import type { EvaluationReport, EvaluatorSection } from '../evaluation-report.js';
import { renderDocument } from './document.js';
import { renderFacts, renderPrivacy } from './facts.js';
import { renderCharts, renderFigure } from './figures.js';
import { Html, html } from './html.js';
import { renderDatasetScores, renderDetailScores, renderHeadlines } from './score-tables.js';

const CONTROLS =
  'Beside each score of the synthetic rows stand two controls: independent columns (the real rows with each column shuffled on its own, so that nothing relates to anything) and held-out rows (real rows that training never saw: what the best could be).';

export function renderPage(report: EvaluationReport): string {
  const title = `Evaluation of ${report.generator.name ?? report.generator.type}`;
  const body = html` <a class="skip" href="#verdict">Skip to the verdict</a>
    <header>
      <h1>${title}</h1>
      <p>
        ${report.generator.row_count === null ? 'Synthetic' : `${report.generator.row_count.toLocaleString('en-US')} synthetic`}
        rows made from ${report.dataset.name}.
      </p>
      ${renderContents(report.evaluators)}
    </header>
    <main>
      <section aria-labelledby="verdict">
        <h2 id="verdict">Verdict</h2>
        <div class="verdict">${report.verdict.map((sentence) => html`<p>${sentence}</p>`)}</div>
        ${renderHeadlines(report.evaluators)}
        <p>${CONTROLS}</p>
      </section>
      ${report.evaluators.map(renderEvaluator)} ${renderTraining(report)}
      <section aria-labelledby="privacy-ledger">
        <h2 id="privacy-ledger">Differential privacy</h2>
        ${renderPrivacy(report)}
      </section>
      <section aria-labelledby="facts">
        <h2 id="facts">What was evaluated</h2>
        ${renderFacts(report)}
      </section>
    </main>`;
  return renderDocument(title, body);
}

function renderContents(sections: readonly EvaluatorSection[]): Html {
  const links = sections.map(({ id, title }) => html`<li><a href="#evaluator-${id}">${title}</a></li>`);
  return html`<nav aria-label="Contents">
    <ul>
      <li><a href="#verdict">Verdict</a></li>
      ${links}
      <li><a href="#privacy-ledger">Differential privacy</a></li>
      <li><a href="#facts">What was evaluated</a></li>
    </ul>
  </nav>`;
}

function renderEvaluator(section: EvaluatorSection): Html {
  const heading = `evaluator-${section.id}`;
  const notes = section.notes.map((note) => html`<li>${note}</li>`);
  return html`<section aria-labelledby="${heading}">
    <h2 id="${heading}">${section.title}</h2>
    <p>${section.description}</p>
    ${renderDatasetScores(section)}
    ${
      notes.length > 0
        ? html`<ul class="notes">
            ${notes}
          </ul>`
        : null
    }
    ${renderCharts(section.charts)} ${renderDetailScores(section)}
  </section> `;
}

function renderTraining({ training_history: history }: EvaluationReport): Html | null {
  const series = Object.entries(history).map(([name, values]) => ({
    name,
    points: values.map((value, index) => [index + 1, value] as const),
  }));
  if (series.length === 0) return null;
  const last = series.map(({ name, points }) => `${name} ends at ${points.at(-1)?.[1].toPrecision(4) ?? 'nothing'}`);
  const description = `Values after each epoch: ${last.join(', ')}.`;
  const chart = {
    type: 'lines',
    id: 'training',
    title: 'Training curves',
    description,
    xLabel: 'Epoch',
    yLabel: 'Value',
    series,
  } as const;
  return html`<section aria-labelledby="training">
    <h2 id="training">Training</h2>
    <div class="figures">${renderFigure(chart)}</div>
  </section>`;
}
