import { TEST_EVENT, type WebhookMessageType } from '../core/webhooks/webhook-events.js';
import { failureView } from './generator.view.js';
import { integer, type JsonSchema, object, oneOf, string, time } from './json-schema.js';
import type { ShowSchema } from './openapi-components.js';

const generation = jobData('generator_id');
const evaluation = jobData('evaluation_id');
const dataset = object({
  dataset_id: string(),
  name: string(),
  row_count: integer(),
  column_count: integer(),
  checksum: string(),
});

/** What is told with each event, and when. */
const MESSAGES: Readonly<Record<WebhookMessageType, readonly [summary: string, data: JsonSchema]>> = {
  'generation.completed': ['A run has its synthetic rows', generation],
  'generation.failed': ['A run has failed', generation],
  'evaluation.completed': ['An evaluation has its report', evaluation],
  'evaluation.failed': ['An evaluation has failed', evaluation],
  'dataset.created': ['An upload was accepted; of synthetic rows `generation.completed` tells', dataset],
  [TEST_EVENT]: ['A test that was asked for', object({ webhook_id: string() })],
};

const signature = {
  'webhook-id': 'The same with every try: a message may come more than once.',
  'webhook-timestamp': 'Of this try, in epoch seconds. Refuse one that is far from now.',
  'webhook-signature':
    '`v1,` and the base64 HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; one for each secret, with a space between.',
};

/** The requests that a receiver gets: https://www.standardwebhooks.com. */
export function webhookMessages(show: ShowSchema) {
  const entries = Object.entries(MESSAGES).map(([type, [summary, data]]) => {
    const body = object({ type: oneOf([type]), timestamp: time('When it happened.'), data });
    const post = {
      operationId: `receive_${type.replace('.', '_')}`,
      tags: ['Webhooks'],
      summary,
      parameters: Object.entries(signature).map(([name, description]) => {
        return { name, in: 'header', required: true, description, schema: { type: 'string' } };
      }),
      requestBody: { required: true, content: { 'application/json': { schema: show(body) } } },
      responses: {
        '2XX': { description: 'It was taken' },
        410: { description: 'No more, please: the webhook is disabled at once' },
        default: { description: 'It is sent again later; redirects are not followed' },
      },
    };
    return [type, { post }] as const;
  });
  return Object.fromEntries(entries);
}

function jobData(subject: 'generator_id' | 'evaluation_id'): JsonSchema {
  const facts = { job_id: string(), status: oneOf(['completed', 'failed']), error: failureView };
  return object({ [subject]: string(), ...facts });
}
