import { JOB_STATUSES } from '../core/jobs/job.entity.js';
import { configJsonSchema, type LoadedGenerator } from '../core/plugin-host/index.js';
import { defined } from './defined.js';
import { downloadEndpoint } from './download.js';
import { type Endpoint, endpoint } from './endpoint.js';
import {
  acceptedView,
  generateBody,
  generatorTypeView,
  generatorView,
  imputeBody,
  sampleBody,
  toAccepted,
  toConditionInputs,
  toDistributionInputs,
  toGenerator,
} from './generator.view.js';
import { array, oneOf, query, type Static, string } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import type { Services } from './services.js';

export function generatorEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/generators/types',
      access: 'read',
      answer: array(generatorTypeView),
      docs: { id: 'listGeneratorTypes', tag: 'Generation', summary: 'What generators there are, and their configs' },
      handle: async () => services.plugins.generators.map(toGeneratorType),
    }),
    endpoint({
      method: 'POST',
      path: '/generators/dataset/:dataset_id/generate',
      access: 'generate',
      body: generateBody,
      status: 201,
      answer: acceptedView,
      docs: {
        id: 'generate',
        tag: 'Generation',
        summary: 'Train a generator on a dataset, then sample rows from it',
        description:
          'Answers at once; follow the run at `GET /generators/{generator_id}` or over the WebSocket `/ws/generation/{generator_id}`.',
        errors: ['resource_not_found', 'conflict', 'concurrency_limit_exceeded'],
      },
      handle: async ({ principal, params, body }) => {
        const input = defined({
          datasetId: params['dataset_id']!,
          generatorType: body.generator_type,
          numRows: body.num_rows,
          name: body.name,
          seed: body.seed,
          config: body.config,
          conditions: toConditionInputs(body.conditions),
          distribution: toDistributionInputs(body.distribution),
          baseGeneratorId: body.base_generator_id,
        });
        return toAccepted(await services.generators.generate(principal.userId, input));
      },
    }),
    endpoint({
      method: 'POST',
      path: '/generators/:generator_id/generate',
      access: 'generate',
      body: sampleBody,
      status: 201,
      answer: acceptedView,
      docs: {
        id: 'sample',
        tag: 'Generation',
        summary: 'More rows from a trained model',
        description: 'A run of its own, with its own id: no new training and no new privacy cost.',
        errors: ['resource_not_found', 'conflict', 'concurrency_limit_exceeded'],
      },
      handle: async ({ principal, params, body }) => {
        const input = defined({
          numRows: body.num_rows,
          seed: body.seed,
          conditions: toConditionInputs(body.conditions),
          distribution: toDistributionInputs(body.distribution),
        });
        return toAccepted(await services.generators.sample(principal.userId, params['generator_id']!, input));
      },
    }),
    endpoint({
      method: 'POST',
      path: '/generators/:generator_id/impute',
      access: 'generate',
      body: imputeBody,
      status: 201,
      answer: acceptedView,
      docs: {
        id: 'impute',
        tag: 'Generation',
        summary: 'Fill the gaps of a dataset from a trained model',
        description:
          'A run of its own, whose output is the dataset with each gap drawn from what the model learned, given the other cells of its row. Cells that are there stay as they are.',
        errors: ['resource_not_found', 'conflict', 'concurrency_limit_exceeded'],
      },
      handle: async ({ principal, params, body }) => {
        const input = { datasetId: body.dataset_id, ...defined({ name: body.name, seed: body.seed }) };
        return toAccepted(await services.generators.impute(principal.userId, params['generator_id']!, input));
      },
    }),
    endpoint({
      method: 'GET',
      path: '/generators',
      access: 'read',
      query: query({ dataset_id: string(), status: oneOf(JOB_STATUSES), generator_type: string() }, pageParameters),
      answer: array(generatorView),
      docs: {
        id: 'listGenerators',
        tag: 'Generation',
        summary: 'Your runs, newest first',
        responseHeaders: pageHeaders,
      },
      handle: async (call) => {
        const { dataset_id: datasetId, status, generator_type: generatorType, ...page } = call.query;
        const filter = defined({ datasetId, status, generatorType });
        const found = await services.generators.list(call.principal.userId, filter, page);
        return sendPage(found, toGenerator, call, page);
      },
    }),
    endpoint({
      method: 'GET',
      path: '/generators/:generator_id',
      access: 'read',
      answer: generatorView,
      docs: { id: 'getGenerator', tag: 'Generation', summary: 'A run', errors: ['resource_not_found'] },
      handle: async ({ principal, params }) =>
        toGenerator(await services.generators.get(principal.userId, params['generator_id']!)),
    }),
    endpoint({
      method: 'POST',
      path: '/generators/:generator_id/cancel',
      access: 'generate',
      answer: generatorView,
      docs: {
        id: 'cancelGeneration',
        tag: 'Generation',
        summary: 'Stop a run',
        description: 'One that runs is asked to stop, and is `cancelled` a little later.',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: async ({ principal, params }) =>
        toGenerator(await services.generators.cancel(principal.userId, params['generator_id']!)),
    }),
    endpoint({
      method: 'DELETE',
      path: '/generators/:generator_id',
      access: 'write',
      docs: {
        id: 'deleteGenerator',
        tag: 'Generation',
        summary: 'Delete a run that has ended',
        description: 'Its synthetic rows stay, as a dataset. Its model goes when no other run came of it.',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: ({ principal, params }) => services.generators.delete(principal.userId, params['generator_id']!),
    }),
    downloadEndpoint(services, {
      path: '/generators/:generator_id/download',
      id: 'downloadSyntheticRows',
      tag: 'Generation',
      summary: 'The synthetic rows as a file',
      errors: ['resource_not_found', 'conflict'],
      find: ({ principal, params }) => services.generators.output(principal.userId, params['generator_id']!),
    }),
  ];
}

function toGeneratorType(plugin: LoadedGenerator): Static<typeof generatorTypeView> {
  const { capabilities, recommendation } = plugin;
  const privacy = capabilities.differentialPrivacy;
  return {
    id: plugin.id,
    title: plugin.title,
    description: plugin.description,
    capabilities: {
      column_kinds: capabilities.columnKinds,
      missing_values: capabilities.missingValues,
      conditional_sampling: capabilities.conditionalSampling,
      differential_privacy: privacy && {
        mechanism: privacy.mechanism,
        unit: privacy.unit,
        covered_stages: privacy.coveredStages,
      },
      accelerator: capabilities.accelerator,
      imputation: capabilities.imputation ?? false,
      continued_training: capabilities.continuedTraining ?? false,
      condition_lists: capabilities.conditionLists ?? false,
    },
    recommended_for: recommendation?.purpose ?? null,
    measured: recommendation === undefined ? null : { on: recommendation.measuredOn, figures: recommendation.figures },
    config_schema: configJsonSchema(plugin),
  };
}
