import type { Dataset } from '../core/datasets/dataset.entity.js';
import { DATASET_ORDERS, MAXIMUM_NAME } from '../core/datasets/dataset.service.js';
import { clientGone } from './client-gone.js';
import { columnOverride, datasetView, fromColumnOverride, toDataset } from './dataset.view.js';
import { defined } from './defined.js';
import { downloadEndpoint } from './download.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { anything, array, integer, nullable, object, oneOf, query, string, time } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import { fromPrivacyLimit, privacyLimit } from './privacy.view.js';
import { profileView, toProfile } from './profile.view.js';
import type { Services } from './services.js';
import { parseTime } from './times.js';
import { readUpload } from './upload.js';

const MAXIMUM_PREVIEW = 1000;

export function datasetEndpoints(services: Services): Endpoint[] {
  const show = async (dataset: Dataset) => {
    const [account] = await services.privacy.of([dataset.id]);
    return toDataset(dataset, account!);
  };
  return [
    endpoint({
      method: 'POST',
      path: '/datasets/upload',
      access: 'write',
      status: 201,
      answer: datasetView,
      docs: {
        id: 'uploadDataset',
        tag: 'Datasets',
        summary: 'Upload a table',
        description:
          'CSV with any usual delimiter, quote and encoding, TSV, a JSON array of objects, NDJSON, Parquet or XLSX. Numbers may have decimal commas where the delimiter is not a comma. The file is read before the answer: what is accepted is ready.',
        errors: ['bad_request', 'unsupported_format', 'payload_too_large', 'validation_error', 'insufficient_storage'],
        multipart: object(
          { file: string({ format: 'binary' }) },
          { name: string({ description: 'Default: the name of the file.' }), description: string() },
        ),
      },
      handle: async ({ principal, request, reply }) =>
        show(
          await services.datasets.upload(
            principal.userId,
            await readUpload(request, ['name', 'description']),
            clientGone(reply),
          ),
        ),
    }),
    endpoint({
      method: 'GET',
      path: '/datasets',
      access: 'read',
      query: query(
        {
          modified_after: time('Only datasets changed after this time; a time without an offset is UTC.'),
          origin: oneOf(['upload', 'synthetic']),
          sort: oneOf(DATASET_ORDERS, {
            description: 'Default: `-created_at`, or `updated_at` where `modified_after` is given.',
          }),
        },
        pageParameters,
      ),
      answer: array(datasetView),
      docs: { id: 'listDatasets', tag: 'Datasets', summary: 'Your datasets', responseHeaders: pageHeaders },
      handle: async (call) => {
        const { modified_after: after, origin, sort, ...page } = call.query;
        const modifiedAfter = after === undefined ? undefined : parseTime(after);
        const order = sort ?? (modifiedAfter === undefined ? '-created_at' : 'updated_at');
        const filter = defined({ modifiedAfter, origin });
        const found = await services.datasets.list(call.principal.userId, filter, order, page);
        const accounts = new Map(
          (await services.privacy.of(found.items.map(({ id }) => id))).map((account) => [account.id, account]),
        );
        return sendPage(found, (dataset) => toDataset(dataset, accounts.get(dataset.id)!), call, page);
      },
    }),
    endpoint({
      method: 'GET',
      path: '/datasets/:dataset_id',
      access: 'read',
      answer: datasetView,
      docs: { id: 'getDataset', tag: 'Datasets', summary: 'A dataset', errors: ['resource_not_found'] },
      handle: async ({ principal, params }) =>
        show(await services.datasets.get(principal.userId, params['dataset_id']!)),
    }),
    endpoint({
      method: 'PATCH',
      path: '/datasets/:dataset_id',
      access: 'write',
      body: object(
        {},
        {
          name: string({ minLength: 1, maxLength: MAXIMUM_NAME, pattern: '\\S' }),
          description: nullable(string()),
          columns: array(columnOverride, {
            description: 'What you decide about columns; the others stay as they are.',
          }),
          privacy_limit: privacyLimit,
        },
      ),
      answer: datasetView,
      docs: {
        id: 'updateDataset',
        tag: 'Datasets',
        summary: 'Rename a dataset, decide about its columns, or limit what its models may give away',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: async ({ principal, params, body }) => {
        const { columns, privacy_limit: limit, ...facts } = body;
        const change = defined({
          ...facts,
          columns: columns?.map(fromColumnOverride),
          privacyLimit: limit === undefined ? undefined : fromPrivacyLimit(limit),
        });
        return show(await services.datasets.update(principal.userId, params['dataset_id']!, change));
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/datasets/:dataset_id',
      access: 'write',
      docs: {
        id: 'deleteDataset',
        tag: 'Datasets',
        summary: 'Delete a dataset',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: ({ principal, params }) => services.datasets.delete(principal.userId, params['dataset_id']!),
    }),
    endpoint({
      method: 'GET',
      path: '/datasets/:dataset_id/rows',
      access: 'read',
      query: query(
        {},
        {
          limit: integer({ minimum: 1, maximum: MAXIMUM_PREVIEW, default: 100, description: 'Rows in the answer.' }),
          offset: integer({ minimum: 0, maximum: 2 ** 53 - 1, default: 0, description: 'Rows to pass over.' }),
        },
      ),
      answer: object({
        columns: array(string()),
        rows: array(array(anything({ description: 'A string, number, boolean, or null where it is missing.' }))),
        offset: integer(),
        limit: integer(),
        row_count: integer({ description: 'Of the whole dataset.' }),
      }),
      docs: { id: 'previewDataset', tag: 'Datasets', summary: 'Some of its rows', errors: ['resource_not_found'] },
      handle: async ({ principal, params, query: { limit, offset } }) => {
        const dataset = await services.datasets.get(principal.userId, params['dataset_id']!);
        const rows = await services.datasets.preview(dataset, offset, limit);
        return { columns: dataset.columns.map(({ name }) => name), rows, offset, limit, row_count: dataset.rowCount };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/datasets/:dataset_id/profile',
      access: 'read',
      answer: profileView,
      docs: {
        id: 'profileDataset',
        tag: 'Datasets',
        summary: 'A summary of each column, correlations and likely personal data',
        errors: ['resource_not_found'],
      },
      handle: async ({ principal, params }) => {
        const dataset = await services.datasets.get(principal.userId, params['dataset_id']!);
        return toProfile(await services.datasets.profile(dataset));
      },
    }),
    downloadEndpoint(services, {
      path: '/datasets/:dataset_id/download',
      id: 'downloadDataset',
      tag: 'Datasets',
      summary: 'Its rows as a file',
      errors: ['resource_not_found'],
      find: ({ principal, params }) => services.datasets.get(principal.userId, params['dataset_id']!),
    }),
  ];
}
