import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoginEnd, LoginStart, ReturningBrowser } from '../core/sso/login-halves.js';
import { loginProviders } from '../core/sso/login-providers.js';
import type { SamlAddresses } from '../core/sso/saml-service-provider.js';
import { type Description, type Endpoint, endpoint } from './endpoint.js';
import { array, object, oneOf, query, type Schema, type Static, string } from './json-schema.js';
import { readLoginCookie, setLoginCookie } from './login-cookie.js';
import { publicUrl } from './public-url.js';
import type { Services } from './services.js';
import { tokens, toTokens } from './tokens.view.js';

const pathParameters = { provider: string({ description: 'The id of a provider of the configuration.' }) };

const startDocs = {
  tag: 'Authentication',
  pathParameters,
  responseHeaders: {
    Location: 'The provider’s page.',
    'Set-Cookie': 'Ties the login to this browser for ten minutes.',
  },
} as const satisfies Partial<Description>;

const finishDocs = {
  tag: 'Authentication',
  pathParameters,
  errors: ['bad_request', 'authentication_error', 'permission_denied', 'resource_not_found', 'conflict'],
  otherAnswers: { 303: 'The page of the configuration, with the tokens in the fragment of its address' },
} as const satisfies Partial<Description>;

/** Nothing where a page gets them. */
const tokensUnlessPage: Schema<Static<typeof tokens> | undefined> = tokens;

export function singleSignOnEndpoints(services: Services): Endpoint[] {
  return [providersEndpoint(services), ...oidcEndpoints(services), ...samlEndpoints(services)];
}

function providersEndpoint(services: Services): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/auth/providers',
    access: 'public',
    answer: array(
      object(
        {
          id: string(),
          name: string({ description: 'What people call it.' }),
          protocol: oneOf(['oidc', 'saml']),
          login_url: string({ description: 'A path on this server: a browser that goes there logs in.' }),
        },
        {},
        { title: 'LoginProvider' },
      ),
    ),
    docs: { id: 'listLoginProviders', tag: 'Authentication', summary: 'What one can log in by, besides a password' },
    handle: async () =>
      loginProviders(services.config).map(({ loginUrl, ...rest }) => ({ ...rest, login_url: loginUrl })),
  });
}

function oidcEndpoints(services: Services): Endpoint[] {
  const callbackUrl = (request: FastifyRequest, provider: string) =>
    `${publicUrl(request, services.config)}/auth/oauth/${provider}/callback`;
  return [
    endpoint({
      method: 'GET',
      path: '/auth/oauth/:provider/authorize',
      access: 'public',
      status: 302,
      docs: {
        ...startDocs,
        id: 'beginOidcLogin',
        summary: 'Log in by an OpenID Connect provider',
        description: 'For a browser: it goes to the provider, which sends it back to the callback.',
        errors: ['bad_request', 'resource_not_found'],
      },
      handle: async ({ params, request, reply }) => {
        const callback = callbackUrl(request, params['provider']!);
        begin(reply, callback, await services.oidcLogins.start(params['provider']!, callback), false);
      },
    }),
    endpoint({
      method: 'GET',
      path: '/auth/oauth/:provider/callback',
      access: 'public',
      query: oidcAnswer,
      answer: tokensUnlessPage,
      docs: {
        ...finishDocs,
        id: 'finishOidcLogin',
        summary: 'Where the provider sends the browser back to',
        description:
          'Answers as `/auth/login` does, in the browser that has the cookie of the login’s beginning. Each answer of the provider is good for one use.',
      },
      handle: async ({ params, request, reply }) => {
        const callback = callbackUrl(request, params['provider']!);
        const answer = new URL(request.originalUrl, callback).searchParams;
        const end = await services.oidcLogins.finish(params['provider']!, callback, answer, browserOf(request));
        request.auditRecord!.userId = end.tokens.userId;
        return finish(reply, callback, end, false);
      },
    }),
  ];
}

/** Providers add parameters of their own to those of the standard. */
const oidcAnswer = {
  ...query({
    code: string({ description: 'Of a login that the provider lets through.' }),
    state: string({ description: 'That of the login’s beginning.' }),
    iss: string({ description: 'The provider’s issuer: RFC 9207.' }),
    error: string({ description: 'Of a login that it refuses.' }),
    error_description: string(),
  }),
  required: ['state'],
  additionalProperties: true,
};

function samlEndpoints(services: Services): Endpoint[] {
  const addresses = (request: FastifyRequest, provider: string): SamlAddresses => {
    const base = `${publicUrl(request, services.config)}/auth/saml/${provider}`;
    return { metadataUrl: `${base}/metadata`, callbackUrl: `${base}/callback` };
  };
  return [
    endpoint({
      method: 'GET',
      path: '/auth/saml/:provider/metadata',
      access: 'public',
      docs: {
        id: 'getSamlMetadata',
        tag: 'Authentication',
        pathParameters,
        summary: 'What a SAML 2.0 provider has to know of this studio',
        errors: ['resource_not_found'],
        files: { 'application/samlmetadata+xml': string() },
      },
      handle: async ({ params, request, reply }) => {
        reply.type('application/samlmetadata+xml');
        return services.samlLogins.metadata(params['provider']!, addresses(request, params['provider']!));
      },
    }),
    endpoint({
      method: 'GET',
      path: '/auth/saml/:provider/login',
      access: 'public',
      status: 302,
      docs: {
        ...startDocs,
        id: 'beginSamlLogin',
        summary: 'Log in by a SAML 2.0 provider',
        description: 'For a browser: it goes to the provider, which has it post its answer to the callback.',
        errors: ['resource_not_found'],
      },
      handle: async ({ params, request, reply }) => {
        const own = addresses(request, params['provider']!);
        begin(reply, own.callbackUrl, await services.samlLogins.start(params['provider']!, own), true);
      },
    }),
    endpoint({
      method: 'POST',
      path: '/auth/saml/:provider/callback',
      access: 'public',
      body: object({ SAMLResponse: string({ description: 'In base64.' }) }, { RelayState: string() }),
      status: 200,
      answer: tokensUnlessPage,
      docs: {
        ...finishDocs,
        id: 'finishSamlLogin',
        summary: 'Where the provider has the browser post its answer',
        description:
          'Answers as `/auth/login` does, in the browser that has the cookie of the login’s beginning. Each assertion is good for one use.',
        form: true,
      },
      handle: async ({ params, body, request, reply }) => {
        const own = addresses(request, params['provider']!);
        const browser = browserOf(request);
        const end = await services.samlLogins.finish(params['provider']!, own, body.SAMLResponse, browser);
        request.auditRecord!.userId = end.tokens.userId;
        return finish(reply, own.callbackUrl, end, true);
      },
    }),
  ];
}

function browserOf(request: FastifyRequest): ReturningBrowser {
  return { flow: readLoginCookie(request), address: request.ip };
}

function begin(reply: FastifyReply, callbackUrl: string, start: LoginStart, postedByProvider: boolean): void {
  setLoginCookie(reply, { callbackUrl, value: start.flow, postedByProvider });
  reply.headers({ location: start.redirectTo, 'cache-control': 'no-store' });
}

function finish(
  reply: FastifyReply,
  callbackUrl: string,
  { tokens: pair, page }: LoginEnd,
  postedByProvider: boolean,
): Static<typeof tokensUnlessPage> {
  setLoginCookie(reply, { callbackUrl, value: '', postedByProvider });
  reply.header('cache-control', 'no-store');
  const answer = toTokens(pair);
  if (page === undefined) return answer;
  // Browsers keep a fragment to themselves: no server, and no log, gets to see the tokens.
  const fragment = new URLSearchParams(Object.entries(answer).map(([key, value]) => [key, String(value)]));
  reply.code(303).header('location', `${page.split('#')[0]}#${fragment}`);
  return undefined;
}
