import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from '../app/config.js';
import { SecretBox } from '../app/secret-box.js';
import { CONFIG } from '../app/tokens.js';
import { VERSION } from '../app/version.js';
import { signedHeaders } from './signature.js';
import type { DeliveryAttempt, WebhookDelivery } from './webhook-delivery.entity.js';
import type { Webhook } from './webhook.entity.js';
import { WebhookTargets } from './webhook-targets.js';

/** Bytes of an answer that are read; the connection is closed after them. */
const ANSWER_LIMIT = 1024;
const EXCERPT_LENGTH = 256;
const HEADER_LIMIT = 16 * 1024;

type Tried = Omit<DeliveryAttempt, 'number'>;

/** Makes one try: signs the message, posts it, and tells what came of it. Redirects are not followed. */
@scoped(Lifecycle.ContainerScoped)
export class WebhookSender {
  readonly #timeout: number;

  constructor(
    @inject(CONFIG) { webhooks }: StudioConfig,
    private readonly secrets: SecretBox,
    private readonly targets: WebhookTargets,
  ) {
    this.#timeout = webhooks.timeout;
  }

  /** Rejects only when `signal` ended it, and nobody knows whether it arrived. */
  async send(webhook: Webhook, { id, body }: WebhookDelivery, signal?: AbortSignal): Promise<Tried> {
    const at = new Date();
    const begin = performance.now();
    const finish = (outcome: Pick<Tried, 'statusCode' | 'error' | 'excerpt'>): Tried => {
      return { at: at.toISOString(), duration: Math.round(performance.now() - begin), ...outcome };
    };
    const timeout = AbortSignal.timeout(this.#timeout);
    try {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'accept-encoding': 'identity',
        'user-agent': `SyntheticDataStudio/${VERSION}`,
        ...signedHeaders(id, at, body, await this.#secretsOf(webhook, at)),
      };
      const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      const response = await this.#post(new URL(webhook.url), headers, body, ended);
      const statusCode = response.statusCode!;
      const isGood = statusCode >= 200 && statusCode < 300;
      return finish({ statusCode, error: isGood ? null : `HTTP ${statusCode}`, excerpt: await readExcerpt(response) });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const what = timeout.aborted ? `No answer within ${this.#timeout / 1000} s` : (error as Error).message;
      // Several addresses that all failed come as one error without words.
      return finish({ statusCode: null, error: what || String((error as NodeJS.ErrnoException).code), excerpt: null });
    }
  }

  async #secretsOf({ id, secret, previousSecret, previousSecretExpiresAt }: Webhook, now: Date): Promise<string[]> {
    const isOverlap = previousSecretExpiresAt !== null && previousSecretExpiresAt > now;
    const sealed = previousSecret !== null && isOverlap ? [secret, previousSecret] : [secret];
    return Promise.all(sealed.map((text) => this.secrets.open(text, id)));
  }

  #post(url: URL, headers: OutgoingHttpHeaders, body: string, signal: AbortSignal): Promise<IncomingMessage> {
    this.targets.checkLiteral(url);
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const options = { method: 'POST', headers, lookup: this.targets.lookup, signal, maxHeaderSize: HEADER_LIMIT };
    return new Promise((resolve, reject) => {
      // Without an agent each try has a connection of its own, which no proxy variable of the machine diverts.
      request(url, { ...options, agent: false })
        .once('response', resolve)
        .on('error', reject)
        .once('close', () => reject(new Error('The connection was closed without an answer')))
        .end(body);
    });
  }
}

async function readExcerpt(response: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ANSWER_LIMIT) break;
    }
  } catch {
    // The status has been told: a body that breaks off changes nothing.
  }
  const text = Buffer.concat(chunks).subarray(0, ANSWER_LIMIT).toString('utf8');
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, EXCERPT_LENGTH) || null;
}
