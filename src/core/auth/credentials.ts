import { createHash, randomBytes } from 'node:crypto';

/** What every API key begins with, so that people and scanners of leaked secrets know one when they see it. */
export const API_KEY_PREFIX = 'sds_';

/** Headers in which a credential may come, in lower case. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  /** Good for API keys alone. */
  readonly 'x-api-key'?: string | readonly string[] | undefined;
}

/** 256 random bits in base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 in hex: what is kept of a secret that is random itself. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function isApiKey(token: string): boolean {
  return token.startsWith(API_KEY_PREFIX);
}

/** The token of `Authorization: Bearer`, or undefined where there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** The one credential that headers bring: the bearer token where there is one, the API key otherwise. */
export function credentialOf(headers: CredentialHeaders): string | undefined {
  const bearer = bearerToken(headers.authorization);
  if (bearer !== undefined) return bearer;
  const [apiKey] = [headers['x-api-key']].flat();
  // An access token has no place in this header: marked as a key, it is found to be none.
  return apiKey === undefined || isApiKey(apiKey) ? apiKey : API_KEY_PREFIX + apiKey;
}
