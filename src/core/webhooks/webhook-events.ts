import type { Dataset } from '../datasets/dataset.entity.js';
import { domainOf } from '../jobs/job-announcements.js';
import type { Job } from '../jobs/job.entity.js';

/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  'generation.completed',
  'generation.failed',
  'evaluation.completed',
  'evaluation.failed',
  'dataset.created',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** Sent on request alone. */
export const TEST_EVENT = 'webhook.test';
export type WebhookMessageType = WebhookEvent | typeof TEST_EVENT;

/** The body of a delivery, as the Standard Webhooks specification lays it out. */
export interface WebhookMessage {
  readonly type: WebhookMessageType;
  /** ISO 8601: when it happened. */
  readonly timestamp: string;
  /** Ids and the outcome, spelled as in REST: whoever wants more asks for it, with a token. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What there is to tell of a job that has ended; null of one that was cancelled, which its owner knows. */
export function messageOfJob(job: Job): WebhookMessage | null {
  if (job.status !== 'completed' && job.status !== 'failed') return null;
  const domain = domainOf(job);
  const subject = domain === 'evaluation' ? 'evaluation_id' : 'generator_id';
  const timestamp = (job.completedAt ?? new Date()).toISOString();
  const data = { [subject]: job.subjectId, job_id: job.id, status: job.status, error: job.error };
  return { type: `${domain}.${job.status}`, timestamp, data };
}

export function messageOfDataset(dataset: Dataset): WebhookMessage {
  const data = {
    dataset_id: dataset.id,
    name: dataset.name,
    row_count: dataset.rowCount,
    column_count: dataset.columnCount,
    checksum: dataset.checksum,
  };
  return { type: 'dataset.created', timestamp: dataset.createdAt.toISOString(), data };
}

export function testMessage(webhookId: string): WebhookMessage {
  return { type: TEST_EVENT, timestamp: new Date().toISOString(), data: { webhook_id: webhookId } };
}
