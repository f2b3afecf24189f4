import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { TestStudio } from './studio.js';

export interface GraphqlSent {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: unknown;
}

export interface GraphqlReply {
  readonly data: any;
  readonly errors: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[] | undefined;
}

/** Operations over HTTP through the real server, in this process and without a port. */
export function createGraphqlClient({ app }: TestStudio) {
  return async function operate(query: string, sent: GraphqlSent = {}): Promise<GraphqlReply> {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...(sent.token !== undefined && { authorization: `Bearer ${sent.token}` }), ...sent.headers },
      payload: { query, variables: sent.variables },
    });
    const { data, errors } = response.json<GraphqlReply>();
    return { data, errors };
  };
}

/** A subscription over a WebSocket of its own; the studio must listen. Ends with `return()`. */
export function subscribe(
  studio: TestStudio,
  query: string,
  sent: { readonly connectionParams?: Record<string, unknown>; readonly headers?: Record<string, string> } = {},
): AsyncIterableIterator<GraphqlReply> {
  class SocketWithHeaders extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers: sent.headers });
    }
  }
  const client = createClient({
    url: `${studio.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: SocketWithHeaders,
    retryAttempts: 0,
    ...(sent.connectionParams && { connectionParams: sent.connectionParams }),
  });
  return client.iterate({ query }) as AsyncIterableIterator<GraphqlReply>;
}
