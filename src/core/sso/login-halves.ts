import type { TokenPair } from '../auth/auth.service.js';

/** The first half of a login: where the browser goes, and what it keeps until it comes back. */
export interface LoginStart {
  readonly redirectTo: string;
  readonly flow: string;
}

/** The browser that comes back: what it kept, and where it is. */
export interface ReturningBrowser {
  readonly flow: string | undefined;
  readonly address: string;
}

/** The second half: the tokens, and the page that is to have them, where there is one. */
export interface LoginEnd {
  readonly tokens: TokenPair;
  readonly page: string | undefined;
}
