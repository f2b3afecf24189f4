import {
  checkPageSize,
  DEFAULT_PAGE_SIZE,
  MAXIMUM_PAGE_SIZE,
  type Page,
  type PageRequest,
} from '../core/persistence/paging.js';
import type { Builder } from './builder.js';

export interface ConnectionArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Counted only when the field is asked for. */
  readonly totalCount: () => Promise<number>;
}

/** The arguments of every connection: forward paging, as the services page. */
export function connectionArguments(builder: Builder) {
  return builder.args((t) => ({
    first: t.int({ description: `How many, 1 to ${MAXIMUM_PAGE_SIZE}; ${DEFAULT_PAGE_SIZE} when left out.` }),
    after: t.string({ description: 'The cursor of the item before the first one wanted.' }),
  }));
}

export function pageRequest({ first, after }: ConnectionArguments): PageRequest {
  return { limit: checkPageSize(first ?? DEFAULT_PAGE_SIZE, 'first'), ...(after != null && { after }) };
}

export function toConnection<T>(
  page: Page<T>,
  cursorOf: (item: T) => string,
  { after }: ConnectionArguments,
): Connection<T> {
  const edges = page.items.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => page.total(),
  };
}

/** `DatasetConnection` and `DatasetEdge` for `Dataset`, with a count that costs nothing until it is asked for. */
export function addConnection<
  Name extends 'User' | 'Dataset' | 'Generator' | 'Evaluation' | 'WebhookDelivery' | 'AuditEntry',
>(builder: Builder, name: Name) {
  return builder.connectionObject({
    type: name,
    name: `${name}Connection`,
    fields: (t) => ({
      totalCount: t.int({
        description: 'Of the whole list, under its filter. Counted only when asked for.',
        resolve: (connection) => (connection as unknown as Connection<unknown>).totalCount(),
      }),
    }),
  });
}
