import type { Answer, RestClient } from './rest.js';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
  readonly path: string;
  readonly sameSite: string;
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly body: any;
}

interface Visit {
  readonly method?: 'GET' | 'POST';
  readonly form?: Readonly<Record<string, string>>;
  /** The page that sends the visitor on; undefined for an address that was typed in. */
  readonly from?: string | undefined;
  /** Stops before an address that matches, and gives it back unvisited. */
  readonly until?: RegExp;
}

/**
 * A browser without a window: keeps cookies as browsers do (by origin, path and SameSite), follows redirects, fills
 * forms in. The studio's addresses are answered in this process, all others over the network.
 */
export class Visitor {
  cookies: Cookie[] = [];
  /** Every address that was asked for. */
  readonly history: string[] = [];

  constructor(
    private readonly call: RestClient,
    readonly studioUrl: string,
  ) {}

  async visit(address: string, { method = 'GET', form, from, until }: Visit = {}): Promise<Page> {
    const url = new URL(address, from ?? this.studioUrl).href;
    if (until?.test(url)) return { url, status: 0, headers: {}, text: '', body: undefined };
    this.history.push(url);
    const { status, headers, text, body, setCookies } = await this.#send(method, url, form, from);
    for (const line of setCookies) this.#keep(url, line);
    const location = headers['location'];
    const page = { url, status, headers, text, body };
    if (location === undefined || status < 300 || status >= 400) return page;
    return this.visit(location, { from: url, ...(until !== undefined && { until }) });
  }

  /** Submits the one form of a page, with what it says itself and what is filled in. */
  submit(page: Page, filledIn: Readonly<Record<string, string>> = {}, until?: RegExp): Promise<Page> {
    const [form] = /<form[^>]*>[\s\S]*?<\/form>/i.exec(page.text) ?? [];
    if (form === undefined) throw new Error(`No form at ${page.url}: ${page.text}`);
    const hidden = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)].map(
      ([input]) => [attributeOf(input, 'name'), attributeOf(input, 'value')] as const,
    );
    return this.visit(attributeOf(form, 'action'), {
      method: 'POST',
      form: { ...Object.fromEntries(hidden), ...filledIn },
      from: page.url,
      ...(until !== undefined && { until }),
    });
  }

  async #send(method: string, url: string, form: Visit['form'], from: string | undefined) {
    const raw = form === undefined ? undefined : new URLSearchParams(form).toString();
    const cookie = this.#cookiesFor(method, url, from);
    const headers = {
      ...(cookie !== '' && { cookie }),
      ...(raw !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    if (url.startsWith(`${this.studioUrl}/`)) {
      const answer: Answer = await this.call(method, url.slice(this.studioUrl.length), {
        headers,
        ...(raw !== undefined && { raw }),
      });
      const setCookies = [(answer.headers['set-cookie'] ?? []) as string | string[]].flat();
      return { ...answer, setCookies };
    }
    const answer = await fetch(url, { method, headers, redirect: 'manual', ...(raw !== undefined && { body: raw }) });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text: await answer.text(),
      body: undefined,
      setCookies: answer.headers.getSetCookie(),
    };
  }

  #cookiesFor(method: string, url: string, from: string | undefined): string {
    const { origin, pathname } = new URL(url);
    const isForeignPost = method === 'POST' && from !== undefined && new URL(from).hostname !== new URL(url).hostname;
    return this.cookies
      .filter((cookie) => cookie.origin === origin && pathname.startsWith(cookie.path))
      .filter(({ sameSite }) => !isForeignPost || sameSite === 'none')
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #keep(url: string, line: string): void {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, ...value] = pair!.split('=') as [string, ...string[]];
    const get = (key: string) =>
      attributes.find((attribute) => attribute.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const { origin } = new URL(url);
    const path = get('path') ?? '/';
    this.cookies = this.cookies.filter(
      (known) => known.name !== name || known.origin !== origin || known.path !== path,
    );
    const isOver = get('max-age') === '0' || Date.parse(get('expires') ?? '') <= Date.now();
    if (!isOver) {
      const sameSite = (get('samesite') ?? 'lax').toLowerCase();
      this.cookies.push({ name, value: value.join('='), origin, path, sameSite });
    }
  }
}

function attributeOf(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '';
  return value.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
