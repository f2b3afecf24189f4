import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { type Configuration, Provider } from 'oidc-provider';
import type { Page, Visitor } from './visitor.js';

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** A whole OpenID provider on a port of its own. People log in by their subject and any password. */
export async function startOidcProvider(redirectUris: readonly string[]) {
  const people: Record<string, Person> = {};
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: Configuration = {
    clients: [{ client_id: 'studio', client_secret: 'the secret of the client', redirect_uris: [...redirectUris] }],
    cookies: { keys: ['key of the cookies'] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'a' }] },
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    pkce: { required: () => true },
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
  };
  const provider = new Provider(issuer, configuration);
  const exchanges: string[] = [];
  const asked: string[] = [];
  server.on('request', ({ url }) => void asked.push(url!.split('?')[0]!));
  provider.on('grant.success', ({ oidc }) => void exchanges.push(String(oidc.params?.['grant_type'])));
  provider.on('grant.error', (_context, { message }) => void exchanges.push(message));
  server.on('request', provider.callback());
  return {
    issuer,
    people,
    /** How each trade of a code for tokens ended. */
    exchanges,
    /** The path of each request. */
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** Fills in the provider's forms (log in, consent) until it sends the browser on. */
export async function logInAtProvider(visitor: Visitor, loginUrl: string, subject: string, until?: RegExp) {
  let page: Page = await visitor.visit(loginUrl, until === undefined ? {} : { until });
  while (page.text.includes('<form')) {
    page = await visitor.submit(
      page,
      page.text.includes('name="login"') ? { login: subject, password: 'any' } : {},
      until,
    );
  }
  return page;
}
