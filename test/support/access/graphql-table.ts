import type { Policy } from '../../../src/core/auth/policies.js';
import type { Owned } from './owned.js';

export interface GraphqlEntry {
  readonly who: Policy;
  readonly args?: (owned: Owned) => string;
  readonly file?: true;
}

const text = JSON.stringify;

/** Who may ask for each root field: written down once more, so that a field that is opened by mistake is found. */
export const GRAPHQL_TABLE: Readonly<Record<string, GraphqlEntry>> = {
  'Query.me': { who: 'read' },
  'Query.node': { who: 'read', args: ({ dataset_id: id }) => `id: ${text(id)}` },
  'Query.loginProviders': { who: 'public' },
  'Query.users': { who: 'admin' },
  'Query.apiKeys': { who: 'user' },
  'Query.dataset': { who: 'read', args: ({ dataset_id: id }) => `id: ${text(id)}` },
  'Query.datasets': { who: 'read' },
  'Query.generator': { who: 'read', args: ({ generator_id: id }) => `id: ${text(id)}` },
  'Query.generators': { who: 'read', args: ({ dataset_id: id }) => `filter: { datasetId: ${text(id)} }` },
  'Query.evaluation': { who: 'read', args: ({ evaluation_id: id }) => `id: ${text(id)}` },
  'Query.evaluations': { who: 'read', args: ({ generator_id: id }) => `filter: { generatorId: ${text(id)} }` },
  'Query.compareEvaluations': {
    who: 'read',
    args: ({ evaluation_id: first, second_evaluation_id: second }) => `ids: ${text([first, second])}`,
  },
  'Query.generatorTypes': { who: 'read' },
  'Query.evaluatorTypes': { who: 'read' },
  'Query.webhook': { who: 'read', args: ({ webhook_id: id }) => `id: ${text(id)}` },
  'Query.webhooks': { who: 'read' },
  'Query.auditLog': { who: 'user', args: () => 'filter: { to: "2020-01-01T00:00:00Z" }' },
  'Query.auditReport': { who: 'admin' },
  'Mutation.register': { who: 'public', args: () => 'input: { email: "x", password: "y" }' },
  'Mutation.login': { who: 'public', args: () => 'input: { email: "x", password: "y" }' },
  'Mutation.refresh': { who: 'public', args: () => 'refreshToken: "x"' },
  'Mutation.logout': { who: 'user' },
  'Mutation.updateMe': { who: 'user', args: () => 'input: { name: "n" }' },
  'Mutation.changePassword': { who: 'user', args: () => 'input: { currentPassword: "x", newPassword: "y" }' },
  'Mutation.createApiKey': { who: 'user', args: () => 'input: { name: "k", scopes: [READ] }' },
  'Mutation.deleteApiKey': { who: 'user', args: ({ api_key_id: id }) => `id: ${text(id)}` },
  'Mutation.uploadDataset': { who: 'write', file: true },
  'Mutation.updateDataset': {
    who: 'write',
    args: ({ dataset_id: id }) => `id: ${text(id)}, input: { name: "n" }`,
  },
  'Mutation.generate': {
    who: 'generate',
    args: ({ dataset_id: id }) => `input: { datasetId: ${text(id)}, generator: { independent: {} } }`,
  },
  'Mutation.sample': {
    who: 'generate',
    args: ({ generator_id: id }) => `generatorId: ${text(id)}, input: { rowCount: 100 }`,
  },
  'Mutation.impute': {
    who: 'generate',
    args: ({ generator_id: id, dataset_id: dataset }) =>
      `generatorId: ${text(id)}, input: { datasetId: ${text(dataset)} }`,
  },
  'Mutation.importModel': { who: 'write', file: true },
  'Mutation.evaluate': { who: 'generate', args: ({ generator_id: id }) => `input: { generatorId: ${text(id)} }` },
  'Mutation.cancelGeneration': { who: 'generate', args: ({ generator_id: id }) => `id: ${text(id)}` },
  'Mutation.cancelEvaluation': { who: 'generate', args: ({ evaluation_id: id }) => `id: ${text(id)}` },
  'Mutation.registerWebhook': {
    who: 'write',
    args: () => 'input: { url: "https://example.com/hook", events: [DATASET_CREATED] }',
  },
  'Mutation.updateWebhook': { who: 'write', args: ({ webhook_id: id }) => `id: ${text(id)}, input: {}` },
  'Mutation.rotateWebhookSecret': { who: 'write', args: ({ webhook_id: id }) => `id: ${text(id)}` },
  'Mutation.testWebhook': { who: 'write', args: ({ webhook_id: id }) => `id: ${text(id)}` },
  'Mutation.redeliverWebhook': { who: 'write', args: ({ delivery_id: id }) => `deliveryId: ${text(id)}` },
  'Mutation.deleteWebhook': { who: 'write', args: ({ webhook_id: id }) => `id: ${text(id)}` },
  'Mutation.deleteEvaluation': { who: 'write', args: ({ evaluation_id: id }) => `id: ${text(id)}` },
  'Mutation.deleteGenerator': { who: 'write', args: ({ generator_id: id }) => `id: ${text(id)}` },
  'Mutation.deleteDataset': { who: 'write', args: ({ dataset_id: id }) => `id: ${text(id)}` },
  'Subscription.generationProgress': { who: 'read', args: ({ generator_id: id }) => `generatorId: ${text(id)}` },
  'Subscription.evaluationProgress': { who: 'read', args: ({ evaluation_id: id }) => `evaluationId: ${text(id)}` },
  'Subscription.events': { who: 'read' },
};
