import { MAXIMUM_PASSWORD, MINIMUM_PASSWORD } from '../core/auth/auth.service.js';
import { notAuthenticated } from '../core/auth/access-tokens.js';
import { bearerToken } from '../core/auth/credentials.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { boolean, nullable, object, string } from './json-schema.js';
import type { Services } from './services.js';
import { tokens, toTokens } from './tokens.view.js';
import { toUser, userView } from './user.view.js';

const email = string({ format: 'email', examples: ['api-user@example.com'] });
const newPassword = string({ minLength: MINIMUM_PASSWORD, maxLength: MAXIMUM_PASSWORD });
const name = nullable(string({ maxLength: 200 }));

export function authEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/auth/register',
      access: 'public',
      body: object({ email, password: newPassword }, { name }),
      status: 201,
      answer: userView,
      docs: { id: 'register', tag: 'Authentication', summary: 'Make an account', errors: ['already_exists'] },
      handle: async ({ body, request }) => {
        const user = await services.auth.register(body);
        request.auditRecord!.userId = user.id;
        return toUser(user);
      },
    }),
    endpoint({
      method: 'POST',
      path: '/auth/login',
      access: 'public',
      body: object({ email: string(), password: string() }),
      answer: tokens,
      docs: {
        id: 'login',
        tag: 'Authentication',
        summary: 'Log in',
        description:
          'Failed logins slow down the next ones, by account and address: 429 with `Retry-After` until the time is over. An address from which the owner has logged in is not slowed down by failures elsewhere.',
        errors: ['authentication_error', 'rate_limit_exceeded'],
      },
      handle: async ({ body, request }) => {
        services.limits.countLogin(request.ip, body.email);
        request.auditRecord!.userId = await services.auth.accountId(body.email);
        return toTokens(await services.auth.login(body.email, body.password, request.ip));
      },
    }),
    endpoint({
      method: 'POST',
      path: '/auth/refresh',
      access: 'public',
      body: object({}, { refresh_token: string() }),
      answer: tokens,
      docs: {
        id: 'refresh',
        tag: 'Authentication',
        summary: 'Trade a refresh token for new tokens',
        description:
          'Send the refresh token as `Authorization: Bearer`, or in the body. Each is good for one use; one that is used again ends every session that came of it.',
        errors: ['authentication_error'],
        requestHeaders: { Authorization: '`Bearer` and the refresh token, unless it is in the body.' },
      },
      handle: async ({ body, request }) => {
        const token = body.refresh_token ?? bearerToken(request.headers.authorization);
        if (token === undefined) throw notAuthenticated();
        const pair = await services.auth.refresh(token, request.ip);
        request.auditRecord!.userId = pair.userId;
        return toTokens(pair);
      },
    }),
    endpoint({
      method: 'POST',
      path: '/auth/logout',
      docs: {
        id: 'logout',
        tag: 'Authentication',
        summary: 'End this session',
        description: 'Its refresh tokens and its access tokens hold no longer.',
      },
      handle: ({ principal }) => services.auth.logout(principal),
    }),
    endpoint({
      method: 'GET',
      path: '/auth/me',
      access: 'read',
      answer: userView,
      docs: { id: 'getMe', tag: 'Authentication', summary: 'Whose token this is' },
      handle: async ({ principal }) => toUser(await services.auth.user(principal.userId)),
    }),
    endpoint({
      method: 'PATCH',
      path: '/auth/me',
      body: object({ name }),
      answer: userView,
      docs: { id: 'updateMe', tag: 'Authentication', summary: 'Change your name' },
      handle: async ({ principal, body }) => toUser(await services.auth.updateProfile(principal, body)),
    }),
    endpoint({
      method: 'POST',
      path: '/auth/change-password',
      body: object(
        { current_password: string(), new_password: newPassword },
        { revoke_api_keys: boolean({ default: false, description: 'Delete your API keys too.' }) },
      ),
      docs: {
        id: 'changePassword',
        tag: 'Authentication',
        summary: 'Change your password',
        description: 'Ends every session, this one included. API keys live on unless `revoke_api_keys` is set.',
        errors: ['rate_limit_exceeded'],
      },
      handle: ({ principal, body, request }) =>
        services.auth.changePassword(principal, {
          current: body.current_password,
          next: body.new_password,
          address: request.ip,
          revokeApiKeys: body.revoke_api_keys ?? false,
        }),
    }),
  ];
}
