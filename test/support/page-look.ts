import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

export interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** The two ways in which each page is looked at: a desk and a telephone. */
export const LOOKS = [
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const satisfies readonly Look[];

/** A page of HTML with everything unfolded, with what it asked for and what the browser had to complain of. */
export async function openPage(browser: Browser, html: string, { width, colorScheme }: Look = LOOKS[0]) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  await page.setContent(html);
  await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
  return { page, requests, complaints };
}

/** That the page keeps to its width and its colours, has so many plots, fetches nothing and breaks no policy. */
export async function expectToFit(browser: Browser, html: string, look: Look, plots: number): Promise<void> {
  const { page, requests, complaints } = await openPage(browser, html, look);
  // The browser's own code runs here: names of the page are out of this program's types.
  const seen = await page.evaluate<{ page: number; spilling: string[]; plots: number; dark: boolean }>(`({
    page: document.documentElement.scrollWidth,
    spilling: [...document.querySelectorAll('main *')]
      .filter((e) => !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
      .map((e) => e.tagName),
    plots: [...document.querySelectorAll('svg')].filter((e) => e.getBoundingClientRect().height > 100).length,
    dark: getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)',
  })`);
  expect(seen.page).toBe(look.width);
  expect(seen.spilling).toEqual([]);
  expect(seen.plots).toBe(plots);
  expect(seen.dark).toBe(look.colorScheme === 'dark');
  expect(requests).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
}

/** A blank picture of a figure's size compresses to less than 1 kB. */
export async function expectDrawn(page: Page): Promise<void> {
  for (const figure of await page.locator('figure svg').all()) {
    expect((await figure.screenshot()).length).toBeGreaterThan(3000);
  }
}
