import type { Principal } from '../core/auth/access-tokens.js';
import type { Dataset } from '../core/datasets/dataset.entity.js';
import { clientGone } from './client-gone.js';
import { type Description, type Endpoint, endpoint } from './endpoint.js';
import { anything, oneOf, query, string } from './json-schema.js';
import { fileHeaders, sendFile } from './send-file.js';
import type { Services } from './services.js';

/** What every route that sends a file says of itself. */
export const fileDocs = {
  requestHeaders: {
    Range: 'Part of the file, such as `bytes=1000-`.',
    'If-Range': 'The `ETag` of the part you have: a file that has changed comes whole.',
    'If-None-Match': 'The `ETag` you have: 304 where it still holds.',
  },
  responseHeaders: fileHeaders,
  otherAnswers: { 206: 'The part that `Range` asks for', 304: 'The file that `If-None-Match` names is current' },
} satisfies Partial<Description>;

interface Downloadable extends Pick<Description, 'id' | 'tag' | 'summary' | 'errors'> {
  readonly path: string;
  find(call: { readonly principal: Principal; readonly params: Readonly<Record<string, string>> }): Promise<Dataset>;
}

const binary = string({ format: 'binary' });

/** The rows of a dataset as a file that can be resumed and checked for changes. */
export function downloadEndpoint(services: Services, { path, find, ...docs }: Downloadable): Endpoint {
  return endpoint({
    method: ['GET', 'HEAD'],
    path,
    access: 'read',
    query: query({}, { format: oneOf(['csv', 'json', 'ndjson', 'parquet'], { default: 'csv' }) }),
    docs: {
      ...docs,
      errors: [...(docs.errors ?? []), 'range_not_satisfiable'],
      ...fileDocs,
      files: {
        'text/csv': string(),
        'application/json': anything({ type: 'array', items: { type: 'object' } }),
        'application/x-ndjson': string(),
        'application/vnd.apache.parquet': binary,
      },
    },
    handle: async ({ principal, params, query: { format }, request, reply }) => {
      const dataset = await find({ principal, params });
      const file = await services.datasets.download(dataset, format, clientGone(reply));
      return sendFile(file, request, reply);
    },
  });
}
