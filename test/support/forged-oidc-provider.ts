import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

export type Claims = Record<string, unknown>;
/** Makes the answer of the token endpoint out of claims that are in order. */
export type Forgery = (claims: Claims, tools: ForgeryTools) => Promise<object>;

export interface ForgeryTools {
  /** An answer with an ID token that is signed as it should be. */
  signed(claims: Claims): Promise<object>;
  signedBy(key: 'a stranger' | 'the client secret', claims: Claims): Promise<object>;
  unsigned(claims: Claims): object;
}

const SECRET = 'a secret of thirty-two characters';

const answer = (idToken: string) => ({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken });

const sign = (claims: Claims, alg: string, by: CryptoKey | Uint8Array) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: 'a' }).sign(by).then(answer);

/** An OpenID provider that says of a login whatever a test has it say. Nobody logs in: its page sends straight back. */
export async function startForgedProvider() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const stranger = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'RS256', use: 'sig' };
  const nonces = new Map<string, string>();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tools: ForgeryTools = {
    signed: (claims) => sign(claims, 'RS256', privateKey),
    signedBy: (who, claims) =>
      who === 'a stranger'
        ? sign(claims, 'RS256', stranger.privateKey)
        : sign(claims, 'HS256', new TextEncoder().encode(SECRET)),
    unsigned: (claims) => answer(new UnsecuredJWT(claims).encode()),
  };
  const state = {
    issuer,
    clientSecret: SECRET,
    forgery: ((claims, { signed }) => signed(claims)) as Forgery,
    /** Status of the token endpoint's answer. */
    status: 200,
    close: () => new Promise((done) => server.close(done)),
  };
  const pages: Record<string, (url: URL, request: IncomingMessage) => Promise<object>> = {
    '/.well-known/openid-configuration': async () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    }),
    '/jwks': async () => ({ keys: [key] }),
    '/token': async (_url, request) => {
      const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
      const now = Math.floor(Date.now() / 1000);
      const person = { sub: 'ann', email: 'ann@forged.example', email_verified: true };
      const nonce = nonces.get(form.get('code') ?? '');
      const claims = { iss: issuer, aud: 'studio', iat: now, exp: now + 60, nonce, ...person };
      return state.forgery(claims, tools);
    },
  };
  server.on('request', async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/authorize') {
      const code = crypto.randomUUID();
      nonces.set(code, url.searchParams.get('nonce') ?? '');
      const back = new URL(url.searchParams.get('redirect_uri')!);
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }).toString();
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    const body = await pages[url.pathname]?.(url, request);
    const status = url.pathname === '/token' ? state.status : 200;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  });
  return state;
}
