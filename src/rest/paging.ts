import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_PAGE_SIZE, MAXIMUM_PAGE_SIZE, type Page } from '../core/persistence/paging.js';
import { integer } from './json-schema.js';

/** Query parameters of every list. */
export const pageParameters = {
  limit: integer({
    minimum: 1,
    maximum: MAXIMUM_PAGE_SIZE,
    default: DEFAULT_PAGE_SIZE,
    description: 'Items in the answer.',
  }),
  offset: integer({ minimum: 0, maximum: 2 ** 31 - 1, default: 0, description: 'Items to pass over.' }),
};

export const pageHeaders = {
  'X-Total-Count': 'Items on all pages.',
  Link: 'The next page (`rel="next"`), relative to this address; absent on the last one. RFC 8288.',
};

/** The items, with what a client needs to go on in the headers: the body is a plain array. */
export async function sendPage<Row, View>(
  page: Page<Row>,
  view: (row: Row) => View,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<View[]> {
  reply.header('x-total-count', await page.total());
  if (page.hasMore) reply.header('link', nextLink(request.originalUrl, limit, offset));
  return page.items.map(view);
}

function nextLink(address: string, limit: number, offset: number): string {
  const [path, search] = address.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('limit', String(limit));
  parameters.set('offset', String(offset + limit));
  return `<${path}?${parameters}>; rel="next"`;
}
