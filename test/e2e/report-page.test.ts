import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { buildReport, renderReportHtml } from '../../src/core/evaluations/report/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { launchBrowser } from '../support/browser.js';
import { evaluateFidelity } from '../support/evaluate-fidelity.js';
import { fidelityTables } from '../support/fidelity-tables.js';
import { expectDrawn, expectToFit, LOOKS, openPage } from '../support/page-look.js';
import { reportFacts } from '../support/report-facts.js';

describe('the report in Chromium', () => {
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    const { metrics, charts, notes } = await evaluateFidelity(fidelityTables('clinic'));
    const { id, title, description, metrics: definitions } = fidelity;
    const sections = [
      { id, title, description, metrics: definitions, values: metrics, charts: charts!, notes: notes! },
    ];
    html = await renderReportHtml(buildReport(reportFacts(), sections));
  });
  afterAll(() => browser?.close());

  // Three heatmaps, eight columns, the curve of detection and those of training.
  it.each(LOOKS)('fits $width pixels ($colorScheme), fetches nothing and breaks no policy', (look) =>
    expectToFit(browser, html, look, 13),
  );

  it('shows something in every plot', async () => {
    const { page } = await openPage(browser, html);
    await expectDrawn(page);
    await page.close();
  });
});
