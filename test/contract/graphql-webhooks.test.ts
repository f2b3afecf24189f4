import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphqlClient } from '../support/graphql.js';
import { createRestClient, logIn, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { verify, WebhookReceiver } from '../support/webhook-receiver.js';

let studio: TestStudio;
let rest: RestClient;
let operate: ReturnType<typeof createGraphqlClient>;
let token: string;
let stranger: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  studio = await startStudio({ env: { WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_TIMEOUT: '2s' } });
  rest = createRestClient(studio);
  operate = createGraphqlClient(studio);
  token = await logIn(rest, 'owner@example.com');
  stranger = await logIn(rest, 'stranger@example.com');
  receiver = await WebhookReceiver.open();
});
afterAll(async () => {
  await studio?.close();
  await receiver?.[Symbol.asyncDispose]();
});

async function run(query: string, variables: object = {}, as = token) {
  const { data, errors } = await operate(query, { token: as, variables });
  expect(errors).toBeUndefined();
  return data;
}

const REGISTER = `mutation ($input: WebhookInput!) {
  registerWebhook(input: $input) {
    __typename
    ... on WebhookWithSecret { secret webhook { id url events enabled disabledReason } }
    ... on ValidationError { fields { field code } }
  }
}`;

const refused = async (input: object) => (await run(REGISTER, { input })).registerWebhook;

async function register(path: string) {
  const input = { url: receiver.url + path, events: ['DATASET_CREATED', 'GENERATION_COMPLETED'] };
  return (await run(REGISTER, { input })).registerWebhook;
}

describe('webhooks over GraphQL', () => {
  it('are the same as over REST, and tell their secret once', async () => {
    const { secret, webhook } = await register('/registered');
    expect(webhook).toMatchObject({ events: ['DATASET_CREATED', 'GENERATION_COMPLETED'], enabled: true });
    expect(secret).toMatch(/^whsec_/);
    const { webhooks } = await run('{ webhooks { id url events enabled disabledReason } }');
    expect(webhooks).toContainEqual(webhook);
    const { body } = await rest('GET', `/webhooks/${webhook.id}`, { token });
    expect(body).toMatchObject({ id: webhook.id, events: ['dataset.created', 'generation.completed'] });
  });

  it('are tested, delivered again, and keep a log', async () => {
    const { secret, webhook } = await register('/tested');
    const tested = await run(
      `mutation ($id: ID!) { testWebhook(id: $id) { ... on WebhookDelivery {
        id type status payload attempts { number at statusCode durationMs error excerpt } } } }`,
      { id: webhook.id },
    );
    expect(tested.testWebhook).toMatchObject({
      type: 'WEBHOOK_TEST',
      status: 'DELIVERED',
      attempts: [{ number: 1, statusCode: 200, error: null, excerpt: 'taken' }],
    });
    const [received] = await receiver.waitFor('/tested');
    expect(verify(secret, received!)).toEqual(tested.testWebhook.payload);

    const again = await run(
      'mutation ($id: ID!) { redeliverWebhook(deliveryId: $id) { ... on WebhookDelivery { status } } }',
      { id: tested.testWebhook.id },
    );
    expect(again.redeliverWebhook).toEqual({ status: 'PENDING' });
    const [, repeated] = await receiver.waitFor('/tested', 2);
    expect(repeated!.headers['webhook-id']).toBe(received!.headers['webhook-id']);
    const log = `query ($id: ID!) { webhook(id: $id) {
      deliveries(first: 1) { totalCount edges { node { id } } pageInfo { hasNextPage } }
      failed: deliveries(status: FAILED) { totalCount }
    } }`;
    expect((await run(log, { id: webhook.id })).webhook).toEqual({
      deliveries: {
        totalCount: 1,
        edges: [{ node: { id: tested.testWebhook.id } }],
        pageInfo: { hasNextPage: false },
      },
      failed: { totalCount: 0 },
    });
  });

  it('are changed, given another secret and deleted', async () => {
    const { secret, webhook } = await register('/changed');
    const { id } = webhook;
    const updated = await run(
      'mutation ($id: ID!, $input: UpdateWebhookInput!) { updateWebhook(id: $id, input: $input) { ... on Webhook { enabled events } } }',
      { id, input: { enabled: false, events: ['EVALUATION_FAILED'] } },
    );
    expect(updated.updateWebhook).toEqual({ enabled: false, events: ['EVALUATION_FAILED'] });
    const rotated = await run(
      'mutation ($id: ID!) { rotateWebhookSecret(id: $id) { ... on WebhookWithSecret { secret webhook { previousSecretExpiresAt } } } }',
      { id },
    );
    expect(rotated.rotateWebhookSecret.secret).not.toBe(secret);
    expect(Date.parse(rotated.rotateWebhookSecret.webhook.previousSecretExpiresAt)).toBeGreaterThan(Date.now());
    const deleted = await run('mutation ($id: ID!) { deleteWebhook(id: $id) { ... on Deleted { id } } }', { id });
    expect(deleted.deleteWebhook).toEqual({ id });
    expect((await run('query ($id: ID!) { webhook(id: $id) { id } }', { id })).webhook).toBeNull();
  });

  it('are nobody else’s', async () => {
    const { webhook } = await register('/mine');
    const { body: delivery } = await rest('POST', `/webhooks/${webhook.id}/test`, { token });
    expect(await run('{ webhooks { id } }', {}, stranger)).toEqual({ webhooks: [] });
    const { id } = webhook;
    expect(await run('query ($id: ID!) { webhook(id: $id) { id } }', { id }, stranger)).toEqual({ webhook: null });
    for (const [field, target] of [
      ['updateWebhook(id: $id, input: { enabled: false })', id],
      ['deleteWebhook(id: $id)', id],
      ['rotateWebhookSecret(id: $id)', id],
      ['testWebhook(id: $id)', id],
      ['redeliverWebhook(deliveryId: $id)', delivery.id],
    ]) {
      const answer = await run(
        `mutation ($id: ID!) { answer: ${field} { __typename ... on NotFoundError { code } } }`,
        { id: target },
        stranger,
      );
      expect(answer.answer).toEqual({ __typename: 'NotFoundError', code: 'resource_not_found' });
    }
  });

  it('are refused with what is wrong, field by field', async () => {
    expect(await refused({ url: 'ftp://example.com', events: ['DATASET_CREATED'] })).toEqual({
      __typename: 'ValidationError',
      fields: [{ field: 'url', code: 'invalid_choice' }],
    });
    expect(await refused({ url: receiver.url, events: [] })).toEqual({
      __typename: 'ValidationError',
      fields: [{ field: 'events', code: 'required' }],
    });
  });
});
