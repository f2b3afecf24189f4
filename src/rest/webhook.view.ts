import { DELIVERY_STATUSES, type WebhookDelivery } from '../core/webhooks/webhook-delivery.entity.js';
import { MAXIMUM_SECRET, MINIMUM_SECRET, SECRET_PATTERN } from '../core/webhooks/signature.js';
import { MAXIMUM_URL } from '../core/webhooks/webhook-targets.js';
import { TEST_EVENT, WEBHOOK_EVENTS } from '../core/webhooks/webhook-events.js';
import type { WebhookWithSecret } from '../core/webhooks/webhook.service.js';
import type { Webhook } from '../core/webhooks/webhook.entity.js';
import {
  anything,
  array,
  boolean,
  integer,
  nullable,
  object,
  oneOf,
  type Schema,
  type Static,
  string,
  time,
} from './json-schema.js';

const url = string({
  format: 'uri',
  maxLength: MAXIMUM_URL,
  description: 'http or https, without credentials; it must lead to public addresses.',
  examples: ['https://your-app.com/webhooks/synth-studio'],
});
const events = array(oneOf(WEBHOOK_EVENTS), { minItems: 1 });
const secret = string({
  minLength: MINIMUM_SECRET,
  maxLength: MAXIMUM_SECRET,
  pattern: SECRET_PATTERN,
  description:
    '`whsec_` and the base64 of 24 to 64 bytes, which are the key; or any other printable ASCII without spaces, which is the key as it stands. Absent: one is made.',
});

export const registerBody = object({ url, events }, { secret });
export const updateBody = object({}, { url, events, enabled: boolean() });
export const rotateBody = object({}, { secret });

const parts = {
  id: string(),
  url: string(),
  events: array(oneOf(WEBHOOK_EVENTS)),
  enabled: boolean(),
  disabled_reason: nullable(string({ description: 'Why the studio disabled it.' })),
  previous_secret_expires_at: nullable(time('Until then deliveries are signed with the replaced secret too.')),
  created_at: time(),
  updated_at: time(),
};

export const webhookView = object(parts, {}, { title: 'Webhook' });
export const webhookWithSecretView = object(
  { ...parts, secret: string({ description: 'Told this once.' }) },
  {},
  { title: 'WebhookWithSecret' },
);

export const deliveryView = object(
  {
    id: string({ description: 'Sent as `webhook-id`, the same with every try.' }),
    webhook_id: string(),
    type: oneOf([...WEBHOOK_EVENTS, TEST_EVENT]),
    status: oneOf(DELIVERY_STATUSES),
    payload: anything({ type: 'object', description: 'The body that is sent.' }) as Schema<object>,
    attempts: array(
      object({
        number: integer(),
        at: time(),
        status_code: nullable(integer({ description: 'Of the answer; null where there was none.' })),
        duration_ms: integer(),
        error: nullable(string({ description: 'Why it counts as failed.' })),
        excerpt: nullable(string({ description: 'The beginning of the answer.' })),
      }),
      { description: 'The log of its tries, the latest hundred.' },
    ),
    next_attempt_at: nullable(time('Of one that is pending; while a try is under way, when it is given up for lost.')),
    created_at: time(),
    completed_at: nullable(time()),
  },
  {},
  { title: 'WebhookDelivery' },
);

export function toWebhook(webhook: Webhook): Static<typeof webhookView> {
  return {
    id: webhook.id,
    url: webhook.url,
    events: webhook.events,
    enabled: webhook.enabled,
    disabled_reason: webhook.disabledReason,
    previous_secret_expires_at: webhook.previousSecretExpiresAt?.toISOString() ?? null,
    created_at: webhook.createdAt.toISOString(),
    updated_at: webhook.updatedAt.toISOString(),
  };
}

export function toWebhookWithSecret(made: WebhookWithSecret): Static<typeof webhookWithSecretView> {
  return { ...toWebhook(made.webhook), secret: made.secret };
}

export function toDelivery(delivery: WebhookDelivery): Static<typeof deliveryView> {
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    type: delivery.type,
    status: delivery.status,
    payload: JSON.parse(delivery.body) as object,
    attempts: delivery.attempts.map(({ statusCode, duration, ...attempt }) => ({
      ...attempt,
      status_code: statusCode,
      duration_ms: duration,
    })),
    next_attempt_at: delivery.status === 'pending' ? delivery.dueAt.toISOString() : null,
    created_at: delivery.createdAt.toISOString(),
    completed_at: delivery.completedAt?.toISOString() ?? null,
  };
}
