import { createHmac, randomBytes } from 'node:crypto';
import { invalid } from '../errors/index.js';

const PREFIX = 'whsec_';
/** Of a generated secret; the specification asks for 24 to 64. */
const SECRET_BYTES = 32;
const LEAST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;
export const MINIMUM_SECRET = 16;
export const MAXIMUM_SECRET = 256;
/** Printable ASCII without spaces. */
export const SECRET_PATTERN = '^[!-~]+$';

export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/**
 * A secret of the user's own: `whsec_` and the base64 of 24 to 64 bytes, or any printable ASCII text, whose characters
 * are then the key themselves. Throws `validation_error`.
 */
export function checkSigningSecret(secret: string): string {
  if (secret.length < MINIMUM_SECRET || secret.length > MAXIMUM_SECRET) {
    const message = `Must have between ${MINIMUM_SECRET} and ${MAXIMUM_SECRET} characters`;
    throw invalid({ field: 'secret', message, code: 'range_error' });
  }
  if (!new RegExp(SECRET_PATTERN).test(secret)) {
    throw invalid({ field: 'secret', message: 'Must be printable ASCII without spaces', code: 'invalid_format' });
  }
  const { length } = keyOf(secret);
  const isBase64 = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret);
  if (secret.startsWith(PREFIX) && (!isBase64 || length < LEAST_KEY_BYTES || length > MOST_KEY_BYTES)) {
    const message = `After ${PREFIX} must come the base64 of ${LEAST_KEY_BYTES} to ${MOST_KEY_BYTES} bytes`;
    throw invalid({ field: 'secret', message, code: 'invalid_format' });
  }
  return secret;
}

/**
 * The three headers of https://www.standardwebhooks.com: one signature for each secret, so that a receiver who knows
 * any of them can verify.
 */
export function signedHeaders(id: string, sentAt: Date, body: string, secrets: readonly string[]) {
  const seconds = Math.floor(sentAt.getTime() / 1000);
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64');
    return `v1,${mac}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}
