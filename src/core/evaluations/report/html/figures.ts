import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, VisualMapComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart } from '../../../plugin-api/index.js';
import { formatNumber } from '../format.js';
import { type DrawnChart, drawingOf } from './chart-options.js';
import { escapeHtml, Html, html } from './html.js';
import { renderTable } from './table.js';

use([BarChart, LineChart, HeatmapChart, GridComponent, LegendComponent, VisualMapComponent, SVGRenderer]);

/** Plots drawn for one evaluator; the data of the others is in the JSON report. */
const DRAWN_AT_MOST = 80;

/** Tables first, since they name the worst; then the plots. */
export function renderCharts(charts: readonly Chart[]): Html {
  const tables = charts.filter((chart) => chart.type === 'table');
  const plots = charts.filter((chart) => chart.type !== 'table');
  const drawn = plots.slice(0, DRAWN_AT_MOST);
  return html`${tables.map(renderTableChart)}
  ${drawn.length > 0 ? html`<div class="figures">${drawn.map(renderFigure)}</div>` : null}
  ${drawn.length < plots.length ? html`<p class="notes">${drawn.length} of ${plots.length} plots are drawn; the JSON report holds the data of all.</p>` : null}`;
}

function renderTableChart({ title, description, columns, rows }: Extract<Chart, { type: 'table' }>): Html {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)));
  return html`<h3>${title}</h3>
    <p>${description}</p>
    ${renderTable({ caption: title, head: columns, rows: cells })}`;
}

export function renderFigure(chart: DrawnChart): Html {
  return html`<figure>
    ${drawSvg(chart)}
    <figcaption><strong>${chart.title}</strong>${chart.description}</figcaption>
  </figure>`;
}

function drawSvg(chart: DrawnChart): Html {
  const { width, height, option } = drawingOf(chart);
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption(option);
    const label = escapeHtml(`${chart.title}. ${chart.description}`);
    return new Html(instance.renderToSVGString().replace('<svg ', `<svg role="img" aria-label="${label}" `));
  } finally {
    instance.dispose();
  }
}
