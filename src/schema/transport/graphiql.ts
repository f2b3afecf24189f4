import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { EXAMPLE_TABS } from './graphiql-examples.js';

interface Page {
  readonly html: string;
  readonly policy: string;
}

let page: Promise<Page> | undefined;

/**
 * Tabs can be dragged, and the library behind it leaves them displaced; GraphiQL's own style hides that until a tab has
 * the focus. Then it jumps away from under the pointer, and a click never meets it.
 */
const TABS_STAY_IN_PLACE = '<style>.graphiql-tab { transform: none !important; }</style>';

/** The page of GraphiQL with all its parts in it: nothing is fetched from elsewhere. */
export async function sendGraphiql(reply: FastifyReply): Promise<FastifyReply> {
  page ??= renderPage();
  const { html, policy } = await page;
  return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);
}

async function renderPage(): Promise<Page> {
  // Nine megabytes, read when somebody opens the page and not at the start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const rendered = renderGraphiQL({
    title: 'Synthetic Data Studio',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    defaultTabs: EXAMPLE_TABS,
    headers: JSON.stringify({ Authorization: 'Bearer ' }, null, 2),
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  });
  const html = rendered.replace('</head>', () => `${TABS_STAY_IN_PLACE}</head>`);
  return { html, policy: contentSecurityPolicy(html) };
}

/** Only the page's own scripts run, by their hashes; the editor makes its workers and styles while it runs. */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
