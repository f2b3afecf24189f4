import { ERROR_CATALOGUE, type ErrorType, FIELD_ERROR_CODES } from '../core/errors/index.js';
import type { TableFormat } from '../core/tables/index.js';
import type { DatasetOrder } from '../core/datasets/dataset.service.js';
import type { EventType } from '../core/events/index.js';
import type { JobStatus } from '../core/jobs/job.entity.js';
import type { ColumnKind, RunPhase } from '../core/plugin-api/index.js';
import type { ExportFormat } from '../core/tables/index.js';
import type { DeliveryStatus } from '../core/webhooks/webhook-delivery.entity.js';
import type { WebhookEvent, WebhookMessageType } from '../core/webhooks/webhook-events.js';
import type { Builder } from './builder.js';

/** `data-set.created` is written DATA_SET_CREATED. */
export function enumName(value: string): string {
  return value
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase();
}

export type EnumTexts<Value extends string> = Readonly<Record<Value, string | undefined>>;

/** An enum whose values are those of the core, under GraphQL's way of writing them. */
export function addEnum<Value extends string>(
  builder: Builder,
  name: string,
  description: string,
  texts: EnumTexts<Value>,
) {
  const values = Object.fromEntries(
    Object.entries<string | undefined>(texts).map(([value, text]) => [
      enumName(value),
      { value: value as Value, ...(text !== undefined && { description: text }) },
    ]),
  );
  return builder.enumType(name, { description, values });
}

export function addEnums(builder: Builder) {
  return {
    role: addEnum<'user' | 'admin'>(builder, 'Role', 'What an account may do.', { user: undefined, admin: undefined }),
    jobStatus: addEnum<JobStatus>(builder, 'JobStatus', 'How far a piece of long work is; the last three are final.', {
      pending: 'Accepted.',
      queued: 'To be tried again after its worker was lost.',
      running: undefined,
      completed: undefined,
      failed: undefined,
      cancelled: undefined,
    }),
    runPhase: addEnum<RunPhase>(builder, 'RunPhase', 'What a run is doing.', {
      prepare: undefined,
      train: undefined,
      sample: undefined,
      evaluate: undefined,
    }),
    columnKind: addEnum<ColumnKind>(builder, 'ColumnKind', 'What a column holds, and so how it is learned.', {
      continuous: undefined,
      integer: undefined,
      categorical: undefined,
      boolean: undefined,
      datetime: undefined,
      identifier: 'Set aside: never learned, filled with fresh values of the same pattern.',
      text: 'Set aside: never learned, filled with fresh values of the same pattern.',
    }),
    datasetFormat: addEnum<TableFormat>(builder, 'DatasetFormat', 'The format that a table came in.', {
      csv: undefined,
      tsv: undefined,
      json: undefined,
      ndjson: undefined,
      parquet: undefined,
      xlsx: undefined,
    }),
    datasetOrigin: addEnum<'upload' | 'synthetic'>(builder, 'DatasetOrigin', 'Where the rows come from.', {
      upload: undefined,
      synthetic: 'Made by a generator.',
    }),
    datasetOrder: builder.enumType('DatasetOrder', {
      description: 'The order of a list of datasets.',
      values: datasetOrders,
    }),
    exportFormat: addEnum<ExportFormat>(builder, 'ExportFormat', 'A format in which rows can be had.', {
      csv: undefined,
      json: undefined,
      ndjson: undefined,
      parquet: undefined,
    }),
    eventType: addEnum<PublicEventType>(builder, 'EventType', 'What happened.', PUBLIC_EVENT_TEXTS),
    webhookEvent: addEnum<WebhookEvent>(builder, 'WebhookEvent', 'What a webhook can be told of.', WEBHOOK_EVENT_TEXTS),
    webhookMessageType: addEnum<WebhookMessageType>(builder, 'WebhookMessageType', 'What a delivery tells of.', {
      ...WEBHOOK_EVENT_TEXTS,
      'webhook.test': 'A test that was asked for.',
    }),
    deliveryStatus: addEnum<DeliveryStatus>(builder, 'DeliveryStatus', 'Whether a message has reached its receiver.', {
      pending: 'It is being sent, or will be again.',
      delivered: 'The receiver answered 2xx.',
      failed: 'It was given up, or its webhook was disabled.',
    }),
    // Codes are spelled as in REST's envelope, so that a client of both compares one string.
    errorCode: builder.enumType('ErrorCode', {
      description: 'What went wrong, as in the `type` of REST’s error envelope.',
      values: Object.fromEntries((Object.keys(ERROR_CATALOGUE) as ErrorType[]).map((code) => [code, { value: code }])),
    }),
    fieldErrorCode: builder.enumType('FieldErrorCode', {
      description: 'What is wrong with one field.',
      values: Object.fromEntries(FIELD_ERROR_CODES.map((code) => [code, { value: code }])),
    }),
  };
}

/** Events that are told to users; the others are between parts of the studio. */
export type PublicEventType = Exclude<EventType, 'job' | 'job.cancel-requested' | 'credential.revoked'>;

const PUBLIC_EVENT_TEXTS: EnumTexts<PublicEventType> = {
  'dataset.created': undefined,
  'dataset.deleted': undefined,
  'generation.completed': undefined,
  'generation.failed': undefined,
  'generation.cancelled': undefined,
  'evaluation.completed': undefined,
  'evaluation.failed': undefined,
  'evaluation.cancelled': undefined,
};
export const PUBLIC_EVENTS = Object.keys(PUBLIC_EVENT_TEXTS) as readonly PublicEventType[];

const WEBHOOK_EVENT_TEXTS: EnumTexts<WebhookEvent> = {
  'generation.completed': undefined,
  'generation.failed': undefined,
  'evaluation.completed': undefined,
  'evaluation.failed': undefined,
  'dataset.created': 'An upload was accepted; of synthetic rows `GENERATION_COMPLETED` tells.',
};

const datasetOrders = {
  CREATED_AT_ASC: { value: 'created_at' },
  CREATED_AT_DESC: { value: '-created_at' },
  UPDATED_AT_ASC: { value: 'updated_at' },
  UPDATED_AT_DESC: { value: '-updated_at' },
  NAME_ASC: { value: 'name' },
  NAME_DESC: { value: '-name' },
} as const satisfies Record<string, { value: DatasetOrder }>;

export type Enums = ReturnType<typeof addEnums>;

/** What each part of the schema is built with. */
export interface SchemaKit {
  readonly builder: Builder;
  readonly enums: Enums;
}
