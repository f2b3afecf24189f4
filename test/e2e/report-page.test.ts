import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport, renderReportHtml } from '../../src/core/evaluations/report/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { evaluateFidelity } from '../support/evaluate-fidelity.js';
import { fidelityTables } from '../support/fidelity-tables.js';
import { reportFacts } from '../support/report-facts.js';

const BROWSERS = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function browserPath(): string {
  const path = BROWSERS.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (path === undefined) throw new Error('No Chromium: install it (apt-get install chromium) or set CHROMIUM_PATH');
  return path;
}

describe('the report in Chromium', () => {
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS });
    const { metrics, charts, notes } = await evaluateFidelity(fidelityTables('clinic'));
    const { id, title, description, metrics: definitions } = fidelity;
    const sections = [
      { id, title, description, metrics: definitions, values: metrics, charts: charts!, notes: notes! },
    ];
    html = await renderReportHtml(buildReport(reportFacts(), sections));
  });
  afterAll(() => browser?.close());

  async function open(
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    await page.setContent(html);
    await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    return { page, requests, complaints };
  }

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('fits %i pixels (%s), fetches nothing and breaks no policy', async (width, scheme) => {
    const { page, requests, complaints } = await open(width, scheme);
    // The browser's own code runs here: names of the page are out of this program's types.
    const seen = await page.evaluate<{ page: number; spilling: string[]; plots: number; dark: boolean }>(`({
      page: document.documentElement.scrollWidth,
      spilling: [...document.querySelectorAll('main *')]
        .filter((e) => !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.tagName),
      plots: [...document.querySelectorAll('svg')].filter((e) => e.getBoundingClientRect().height > 100).length,
      dark: getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)',
    })`);
    expect(seen.page).toBeLessThanOrEqual(width);
    expect(seen.spilling).toEqual([]);
    // Three heatmaps, eight columns, the curve of detection and those of training.
    expect(seen.plots).toBe(13);
    expect(seen.dark).toBe(scheme === 'dark');
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows something in every plot', async () => {
    const { page } = await open(1280, 'light');
    for (const figure of await page.locator('figure svg').all()) {
      const picture = await figure.screenshot();
      // A blank picture of this size compresses to less than 1 kB.
      expect(picture.length).toBeGreaterThan(3000);
    }
    await page.close();
  });
});
