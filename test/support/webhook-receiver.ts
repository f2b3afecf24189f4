import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly body: string;
  readonly message: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

/** Answers one request; without one it is a plain 200. */
type Respond = (received: Received, response: ServerResponse) => void;

/** Whoever a webhook is for: a real server on this machine, which remembers what it got. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #watchers = new Set<() => void>();
  respond: Respond = (_received, response) => response.end('taken');

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** With a certificate it is a https server. */
  static async open(tls?: { readonly key: string; readonly cert: string }): Promise<WebhookReceiver> {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('end', () => {
          const body = Buffer.concat(chunks).toString();
          const { url: path = '', headers } = request;
          receiver.#receive({ path, headers, body, message: JSON.parse(body) as Received['message'] }, response);
        });
    };
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(server, `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`);
    return receiver;
  }

  get port(): string {
    return new URL(this.url).port;
  }

  /** Everything of a path, once there are `count` of it. */
  async waitFor(path: string, count = 1): Promise<Received[]> {
    for (;;) {
      const found = this.received.filter((one) => one.path === path);
      if (found.length >= count) return found;
      await new Promise<void>((done) => this.#watchers.add(done));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  #receive(received: Received, response: ServerResponse): void {
    this.received.push(received);
    this.respond(received, response);
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

/** Throws unless the `standardwebhooks` package takes the signature for one of `secret`. */
export function verify(secret: string, { body, headers }: Received): unknown {
  const webhook = secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
  return webhook.verify(body, headers as Record<string, string>);
}
