import type { ColumnOverride } from '../../core/tables/index.js';
import type { DatasetChange } from '../../core/datasets/dataset.service.js';
import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { spend } from '../admission.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';
import { given } from '../given.js';
import { orNull } from '../or-null.js';
import { addDatasetPrivacy, type PrivacyLimitInput } from './dataset-privacy.js';
import { rowPage } from './rows.js';

const NEWEST_FIRST = '-created_at';

export function addDatasets(kit: SchemaKit): void {
  const limitInput = addDatasetPrivacy(kit);
  addDatasetTypes(kit);
  addDatasetQueries(kit);
  addDatasetMutations(kit, limitInput);
}

function addDatasetTypes({ builder, enums }: SchemaKit): void {
  builder.objectType('DatasetColumn', {
    fields: (t) => ({
      name: t.exposeString('name'),
      kind: t.field({ type: enums.columnKind, resolve: ({ kind }) => kind }),
      nullable: t.exposeBoolean('nullable'),
      missingFraction: t.exposeFloat('missingFraction', { description: 'Share of missing cells, 0 to 1.' }),
      distinctCount: t.field({ type: 'SafeInt', resolve: ({ distinctCount }) => distinctCount }),
    }),
  });
  builder.objectType('Bounds', {
    description: 'Both inclusive.',
    fields: (t) => ({
      minimum: t.float({ resolve: ([minimum]) => minimum }),
      maximum: t.float({ resolve: ([, maximum]) => maximum }),
    }),
  });
  builder.objectType('ColumnOverride', {
    description: 'What a column’s owner decided about it, in place of what was proposed.',
    fields: (t) => ({
      column: t.exposeString('column'),
      kind: t.field({ type: enums.columnKind, nullable: true, resolve: ({ kind }) => kind }),
      nullable: t.boolean({ nullable: true, resolve: ({ nullable }) => nullable }),
      bounds: t.field({ type: 'Bounds', nullable: true, resolve: ({ bounds }) => bounds }),
      categories: t.stringList({ nullable: true, resolve: ({ categories }) => categories }),
    }),
  });
  builder.objectType('Dataset', {
    description: 'A table: uploaded, or made by a generator.',
    interfaces: ['Node'],
    fields: (t) => ({
      name: t.exposeString('name'),
      description: t.exposeString('description', { nullable: true }),
      originalFilename: t.exposeString('originalFilename'),
      format: t.field({ type: enums.datasetFormat, resolve: ({ format }) => format }),
      origin: t.field({ type: enums.datasetOrigin, resolve: ({ origin }) => origin }),
      sizeBytes: t.field({ type: 'SafeInt', resolve: ({ sizeBytes }) => sizeBytes }),
      rowCount: t.field({ type: 'SafeInt', resolve: ({ rowCount }) => rowCount }),
      columnCount: t.exposeInt('columnCount'),
      columns: t.field({ type: ['DatasetColumn'], resolve: ({ columns }) => columns }),
      columnOverrides: t.field({ type: ['ColumnOverride'], resolve: ({ columnOverrides }) => columnOverrides }),
      privacySpent: t.field({
        type: 'DatasetPrivacy',
        description: 'What its models may give away together, and the limit to it.',
        resolve: async ({ id, privacyLimit }, _args, { loaders }) => ({
          ...(await loaders.privacy.load(id))!,
          limit: privacyLimit,
        }),
      }),
      checksum: t.exposeString('checksum', { description: '`sha256:` and hex, of the file.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
      rows: t.field({
        type: 'RowConnection',
        args: connectionArguments(builder),
        resolve: (dataset, page, context) => rowPage(dataset, page, context),
      }),
      profile: t.field({
        type: 'JSON',
        description: 'A summary of each column, correlations, and columns that look like personal data; as in REST.',
        resolve: (dataset, _args, { services }) => services.datasets.profile(dataset),
      }),
      downloadUrl: t.string({
        description: 'A path on this server; it asks for the same `Authorization` header.',
        args: { format: t.arg({ type: enums.exportFormat, defaultValue: 'csv' }) },
        resolve: ({ id }, { format }) => `/datasets/${id}/download?format=${format ?? 'csv'}`,
      }),
    }),
  });
}

function addDatasetQueries({ builder, enums }: SchemaKit): void {
  const DatasetConnection = addConnection(builder, 'Dataset');
  const DatasetFilter = builder.inputType('DatasetFilter', {
    fields: (t) => ({
      modifiedAfter: t.field({ type: 'DateTime', description: 'Exclusive.' }),
      origin: t.field({ type: enums.datasetOrigin }),
      nameContains: t.string({ description: 'In any case.' }),
    }),
  });
  builder.queryFields((t) => ({
    dataset: t.field({
      type: 'Dataset',
      nullable: true,
      policy: 'read',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => orNull(context.services.datasets.get(callerOf(context).userId, id)),
    }),
    datasets: t.field({
      type: DatasetConnection,
      policy: 'read',
      args: {
        ...connectionArguments(builder),
        filter: t.arg({ type: DatasetFilter }),
        orderBy: t.arg({ type: enums.datasetOrder, defaultValue: NEWEST_FIRST }),
      },
      resolve: async (_root, { filter, orderBy, ...page }, context) => {
        const { datasets } = context.services;
        const order = orderBy ?? NEWEST_FIRST;
        const found = await datasets.list(callerOf(context).userId, given(filter), order, pageRequest(page));
        return toConnection(found, (dataset) => datasets.cursor(dataset, order), page);
      },
    }),
  }));
}

function addDatasetMutations({ builder, enums }: SchemaKit, limitInput: PrivacyLimitInput): void {
  const uploaded = addResult(builder, 'UploadDatasetResult', {
    success: ['Dataset'],
    errors: ['ValidationError', 'BadRequestError', 'LimitError', 'UnavailableError'],
  });
  const updated = addResult(builder, 'UpdateDatasetResult', {
    success: ['Dataset'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'UnavailableError'],
  });
  const BoundsInput = builder.inputType('BoundsInput', {
    description: 'Both inclusive; times are milliseconds since 1970, UTC.',
    fields: (t) => ({ minimum: t.float({ required: true }), maximum: t.float({ required: true }) }),
  });
  const ColumnOverrideInput = builder.inputType('ColumnOverrideInput', {
    description: 'What is left out stays as it was decided or proposed.',
    fields: (t) => ({
      column: t.string({ required: true }),
      kind: t.field({ type: enums.columnKind }),
      nullable: t.boolean(),
      bounds: t.field({ type: BoundsInput, description: 'Public knowledge: never read from the rows.' }),
      categories: t.stringList({ description: 'Public knowledge: never read from the rows.' }),
    }),
  });
  const UpdateDatasetInput = builder.inputType('UpdateDatasetInput', {
    fields: (t) => ({
      name: t.string(),
      description: t.string({ description: 'Null takes it away.' }),
      columns: t.field({ type: [ColumnOverrideInput] }),
      privacyLimit: t.field({ type: limitInput, description: 'Null takes it away.' }),
    }),
  });
  builder.mutationFields((t) => ({
    uploadDataset: t.field({
      type: uploaded.type,
      policy: 'write',
      creates: true,
      description: 'CSV, TSV, JSON, NDJSON, Parquet or XLSX; answers when the whole table has been read.',
      args: {
        file: t.arg({ type: 'File', required: true }),
        name: t.arg.string(),
        description: t.arg.string(),
      },
      resolve: (_root, { file, ...details }, context) =>
        uploaded.of(() => {
          const { userId } = callerOf(context);
          spend(context, (limits) => limits.countUpload(userId));
          const upload = { stream: file.stream, filename: file.filename, details: () => given(details) };
          return context.services.datasets.upload(userId, upload, context.signal);
        }, renameFields),
    }),
    updateDataset: t.field({
      type: updated.type,
      policy: 'write',
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: UpdateDatasetInput, required: true }) },
      resolve: (_root, { id, input }, context) =>
        updated.of(() => context.services.datasets.update(callerOf(context).userId, id, toChange(input)), renameFields),
    }),
  }));
}

interface DatasetInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly columns?:
    | readonly (Omit<ColumnOverride, 'kind' | 'nullable' | 'bounds' | 'categories'> & {
        readonly kind?: ColumnOverride['kind'] | null;
        readonly nullable?: boolean | null | undefined;
        readonly bounds?: { readonly minimum: number; readonly maximum: number } | null | undefined;
        readonly categories?: readonly string[] | null | undefined;
      })[]
    | null
    | undefined;
  readonly privacyLimit?: { readonly epsilon: number; readonly delta?: number | null | undefined } | null | undefined;
}

function toChange({ name, description, columns, privacyLimit }: DatasetInput): DatasetChange {
  return {
    ...(name != null && { name }),
    ...(description !== undefined && { description }),
    ...(privacyLimit !== undefined && {
      privacyLimit: privacyLimit && { epsilon: privacyLimit.epsilon, delta: privacyLimit.delta ?? null },
    }),
    ...(columns != null && {
      columns: columns.map(({ column, bounds, ...rest }) => ({
        ...given(rest),
        column,
        ...(bounds != null && { bounds: [bounds.minimum, bounds.maximum] as const }),
      })),
    }),
  };
}
