import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { StudioError } from '../errors/index.js';

/** Milliseconds that a person has from the beginning of a login to its end. */
export const FLOW_LIFETIME = 10 * 60_000;

/**
 * What the browser keeps between the two halves of a login, sealed: it ties the provider's answer to the browser that
 * asked for it, and nothing has to be kept for logins that are never finished.
 */
export class LoginFlows {
  readonly #key: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'login flow', 32));
  }

  /** `audience` names the provider: its flow is good for no other. */
  seal(audience: string, flow: Readonly<Record<string, string>>): Promise<string> {
    return new EncryptJWT(flow)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(audience)
      .setExpirationTime(new Date(Date.now() + FLOW_LIFETIME))
      .encrypt(this.#key);
  }

  /** Throws `bad_request` for none, and for one that has run out, was altered, or is another provider's. */
  async open<Key extends string>(
    audience: string,
    sealed: string | undefined,
    keys: readonly Key[],
  ): Promise<Record<Key, string> & { readonly expiresAt: Date }> {
    const payload = sealed === undefined ? undefined : await this.#decrypt(audience, sealed);
    if (payload === undefined || keys.some((key) => typeof payload[key] !== 'string')) {
      const minutes = FLOW_LIFETIME / 60_000;
      throw new StudioError(
        'bad_request',
        `This login was not begun in this browser, or more than ${minutes} minutes ago: begin again`,
      );
    }
    return { ...(payload as Record<Key, string>), expiresAt: new Date(payload.exp! * 1000) };
  }

  async #decrypt(audience: string, sealed: string) {
    try {
      const options = { audience, keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
      return (await jwtDecrypt(sealed, this.#key, { ...options, requiredClaims: ['exp'] })).payload;
    } catch {
      return undefined;
    }
  }
}
