import { DELIVERY_STATUSES } from '../core/webhooks/webhook-delivery.entity.js';
import { defined } from './defined.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { array, oneOf, query } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import type { Services } from './services.js';
import {
  deliveryView,
  registerBody,
  rotateBody,
  toDelivery,
  toWebhook,
  toWebhookWithSecret,
  updateBody,
  webhookView,
  webhookWithSecretView,
} from './webhook.view.js';

export function webhookEndpoints(services: Services): Endpoint[] {
  return [...managementEndpoints(services), ...deliveryEndpoints(services)];
}

function managementEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/webhooks/register',
      access: 'write',
      body: registerBody,
      status: 201,
      answer: webhookWithSecretView,
      docs: {
        id: 'registerWebhook',
        tag: 'Webhooks',
        summary: 'Have an address told of events',
        description:
          'Each event is posted there as JSON, signed after the Standard Webhooks specification (https://www.standardwebhooks.com has libraries that verify it), at least once and in no order. Any answer of 2xx takes it; otherwise it is sent again for a day, with growing pauses, and then the webhook is disabled.',
        errors: ['conflict'],
      },
      handle: async ({ principal, body }) =>
        toWebhookWithSecret(await services.webhooks.register(principal.userId, defined(body))),
    }),
    endpoint({
      method: 'GET',
      path: '/webhooks',
      access: 'read',
      answer: array(webhookView),
      docs: { id: 'listWebhooks', tag: 'Webhooks', summary: 'Your webhooks' },
      handle: async ({ principal }) => (await services.webhooks.list(principal.userId)).map(toWebhook),
    }),
    endpoint({
      method: 'GET',
      path: '/webhooks/:webhook_id',
      access: 'read',
      answer: webhookView,
      docs: { id: 'getWebhook', tag: 'Webhooks', summary: 'A webhook', errors: ['resource_not_found'] },
      handle: async ({ principal, params }) =>
        toWebhook(await services.webhooks.get(principal.userId, params['webhook_id']!)),
    }),
    endpoint({
      method: 'PATCH',
      path: '/webhooks/:webhook_id',
      access: 'write',
      body: updateBody,
      answer: webhookView,
      docs: {
        id: 'updateWebhook',
        tag: 'Webhooks',
        summary: 'Change a webhook, disable it, enable it again',
        description: 'A disabled one is told nothing; what waits for it is failed, and can be delivered again later.',
        errors: ['resource_not_found'],
      },
      handle: async ({ principal, params, body }) =>
        toWebhook(await services.webhooks.update(principal.userId, params['webhook_id']!, defined(body))),
    }),
    endpoint({
      method: 'DELETE',
      path: '/webhooks/:webhook_id',
      access: 'write',
      docs: {
        id: 'deleteWebhook',
        tag: 'Webhooks',
        summary: 'Delete a webhook with its deliveries',
        errors: ['resource_not_found'],
      },
      handle: ({ principal, params }) => services.webhooks.delete(principal.userId, params['webhook_id']!),
    }),
    endpoint({
      method: 'POST',
      path: '/webhooks/:webhook_id/rotate-secret',
      access: 'write',
      body: rotateBody,
      answer: webhookWithSecretView,
      docs: {
        id: 'rotateWebhookSecret',
        tag: 'Webhooks',
        summary: 'Replace the secret of a webhook',
        description: 'For a day deliveries bear two signatures, the new one and that of the replaced secret.',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: async ({ principal, params, body }) =>
        toWebhookWithSecret(await services.webhooks.rotateSecret(principal.userId, params['webhook_id']!, body.secret)),
    }),
  ];
}

function deliveryEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/webhooks/:webhook_id/test',
      access: 'write',
      answer: deliveryView,
      docs: {
        id: 'testWebhook',
        tag: 'Webhooks',
        summary: 'Send a `webhook.test` now',
        description: 'Once, and tells how it went. A disabled webhook can be tested too.',
        errors: ['resource_not_found'],
      },
      handle: async ({ principal, params }) =>
        toDelivery(await services.webhooks.test(principal.userId, params['webhook_id']!)),
    }),
    endpoint({
      method: 'GET',
      path: '/webhooks/:webhook_id/deliveries',
      access: 'read',
      query: query({ status: oneOf(DELIVERY_STATUSES) }, pageParameters),
      answer: array(deliveryView),
      docs: {
        id: 'listWebhookDeliveries',
        tag: 'Webhooks',
        summary: 'What was sent to a webhook in the last 30 days, newest first, and how it went',
        errors: ['resource_not_found'],
        responseHeaders: pageHeaders,
      },
      handle: async (call) => {
        const { status, ...page } = call.query;
        const id = call.params['webhook_id']!;
        const found = await services.webhooks.deliveries(call.principal.userId, id, defined({ status }), page);
        return sendPage(found, toDelivery, call, page);
      },
    }),
    endpoint({
      method: 'POST',
      path: '/webhooks/deliveries/:delivery_id/redeliver',
      access: 'write',
      status: 202,
      answer: deliveryView,
      docs: {
        id: 'redeliverWebhook',
        tag: 'Webhooks',
        summary: 'Send a delivery again',
        description: 'As soon as possible, under the same `webhook-id`.',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: async ({ principal, params }) =>
        toDelivery(await services.webhooks.redeliver(principal.userId, params['delivery_id']!)),
    }),
  ];
}
