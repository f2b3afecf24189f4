import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from './config.js';
import { keptSecret } from './secrets.js';
import { CONFIG } from './tokens.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts secrets that must be had back, such as those that sign webhooks: a copy of the database alone tells none.
 * AES-256-GCM under a key that lies in DATA_DIR, beside the database and never in it.
 */
@scoped(Lifecycle.ContainerScoped)
export class SecretBox {
  #key: Promise<Buffer> | undefined;

  constructor(@inject(CONFIG) private readonly config: StudioConfig) {}

  /** `owner` names what the secret belongs to: it can't be opened for anything else, so rows can't trade their secrets. */
  async seal(secret: string, owner: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await this.#readKey(), nonce).setAAD(Buffer.from(owner));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** Throws for what was altered, is another owner's, or was sealed under another key. */
  async open(sealed: string, owner: string): Promise<string> {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv(CIPHER, await this.#readKey(), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  }

  #readKey(): Promise<Buffer> {
    this.#key ??= keptSecret(this.config.dataDir, 'encryption').then((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'secret-box', 32)),
    );
    return this.#key;
  }
}
