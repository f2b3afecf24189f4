import type { TokenPair } from '../core/auth/auth.service.js';
import { integer, object, oneOf, type Static, string } from './json-schema.js';

export const tokens = object(
  {
    access_token: string({ description: 'A JWT, for `Authorization: Bearer`.' }),
    token_type: oneOf(['bearer']),
    expires_in: integer({ description: 'Seconds.' }),
    refresh_token: string({ description: 'Good for one refresh.' }),
    refresh_expires_in: integer({ description: 'Seconds.' }),
  },
  {},
  { title: 'Tokens' },
);

export function toTokens(pair: TokenPair): Static<typeof tokens> {
  return {
    access_token: pair.accessToken,
    token_type: 'bearer',
    expires_in: pair.expiresIn,
    refresh_token: pair.refreshToken,
    refresh_expires_in: pair.refreshExpiresIn,
  };
}
