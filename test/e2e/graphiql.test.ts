import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const STEP_TIMEOUT = 120_000;
const EDITORS = { operation: 0, variables: 1, headers: 2 } as const;

/** GraphiQL as a person uses it, in a real Chromium: its editors are typed into, and the answers are read off the page. */
describe('GraphiQL in a browser', { timeout: STEP_TIMEOUT }, () => {
  let studio: TestStudio;
  let browser: Browser;
  let page: Page;
  let token = '';
  let datasetId = '';
  let generatorId = '';
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  const sockets: string[] = [];

  beforeAll(async () => {
    studio = await startStudio({ listen: true });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(STEP_TIMEOUT / 2);
    // Whatever the page wants from another host is refused and remembered: it must work without a network.
    await page.route(
      (url) => url.protocol.startsWith('http') && url.origin !== studio.url,
      (route) => {
        elsewhere.push(route.request().url());
        return route.abort();
      },
    );
    page.on('websocket', (socket) => sockets.push(socket.url()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  }, STEP_TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  const openTab = async (title: string) => {
    await page.locator(`.graphiql-tab-button[title="${title}"]`).click();
    // Until GraphiQL has read the tab's operation, which nothing shows, it would execute the one of the tab before.
    await page.waitForTimeout(500);
  };

  const write = async (editor: keyof typeof EDITORS, text: string) => {
    if (editor !== 'operation') await page.locator(`button[data-name="${editor}"]`).click();
    const field = page.locator('.monaco-editor[data-uri]').nth(EDITORS[editor]);
    await field.locator('.view-lines').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };
  const authorise = () => write('headers', JSON.stringify({ Authorization: `Bearer ${token}` }));
  const execute = () => page.getByRole('button', { name: /execute query/i }).click();

  /** Executes, and gives the data of the answer that came over HTTP. */
  const answer = async (): Promise<any> => {
    const [response] = await Promise.all([
      page.waitForResponse((candidate) => candidate.request().method() === 'POST'),
      execute(),
    ]);
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  };
  const shown = (text: string) =>
    page.waitForFunction(
      (wanted) => document.querySelector('.graphiql-response')?.textContent.replaceAll('\u00a0', ' ').includes(wanted),
      text,
    );

  it('opens with the main job in its tabs, and knows the schema', async () => {
    const [introspection] = await Promise.all([
      page.waitForResponse((response) => response.request().postData()?.includes('__schema') === true),
      page.goto(`${studio.url}/graphql`),
    ]);
    expect(((await introspection.json()) as any).data.__schema.types.length).toBeGreaterThan(50);
    const titles = await page.locator('.graphiql-tab-button').allTextContents();
    expect(titles).toEqual(['Register', 'Login', 'Datasets', 'Generate', 'Watch', 'Evaluate', 'Scores']);
  });

  it('registers, and logs in', async () => {
    expect((await answer()).register.email).toBe('ann@example.com');
    await shown('"email": "ann@example.com"');
    await openTab('Login');
    token = (await answer()).login.accessToken;
    await shown('"accessToken"');
  });

  it('takes the token from the header editor, and shows an uploaded table', async () => {
    // GraphiQL has no field for files; the page's own fetch sends the multipart request, as any web application would.
    datasetId = await page.evaluate(
      async ({ csv, bearer }) => {
        const query =
          'mutation ($file: File!) { uploadDataset(file: $file) { ... on Dataset { id } ... on Error { message } } }';
        const form = new FormData();
        form.append('operations', JSON.stringify({ query, variables: { file: null } }));
        form.append('map', JSON.stringify({ 0: ['variables.file'] }));
        form.append('0', new File([csv], 'adult.csv', { type: 'text/csv' }));
        const response = await fetch('/graphql', { method: 'POST', headers: { authorization: bearer }, body: form });
        return (await response.json()).data.uploadDataset.id as string;
      },
      { csv: readFileSync('assets/adult.csv', 'utf8'), bearer: `Bearer ${token}` },
    );
    await openTab('Datasets');
    await authorise();
    const { datasets } = await answer();
    expect(datasets.edges[0].node).toMatchObject({ id: datasetId, rowCount: 32_561 });
    await shown('"totalCount": 1');
  });

  it('starts a run', async () => {
    await openTab('Generate');
    await authorise();
    await write('variables', JSON.stringify({ datasetId }));
    const { generate } = await answer();
    expect(generate).toMatchObject({ status: 'PENDING' });
    generatorId = generate.id;
  });

  it('watches it to its end over a WebSocket, with the header editor’s token', async () => {
    await openTab('Watch');
    await authorise();
    await write('variables', JSON.stringify({ generatorId }));
    await execute();
    await shown('"status": "COMPLETED"');
    await shown('"progress": 100');
    expect(sockets).toEqual([`${studio.url.replace('http', 'ws')}/graphql`]);
  });

  it('asked nothing of another host, and met no error', () => {
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
