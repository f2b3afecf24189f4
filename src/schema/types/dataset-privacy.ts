import type { SchemaKit } from '../enums.js';

export type PrivacyLimitInput = ReturnType<typeof addDatasetPrivacy>;

/** What the models of a dataset spend of its rows' privacy. Returns the input that limits it. */
export function addDatasetPrivacy({ builder }: SchemaKit) {
  builder.objectType('PrivacyLimit', {
    description: 'A model that would bring the sum above it is refused.',
    fields: (t) => ({
      epsilon: t.exposeFloat('epsilon'),
      delta: t.float({ nullable: true, description: 'Null: no limit.', resolve: ({ delta }) => delta }),
    }),
  });
  builder.objectType('DatasetPrivacy', {
    description: 'What all models of a dataset may give away together, those in progress at their budgets.',
    fields: (t) => ({
      epsilon: t.exposeFloat('epsilon'),
      delta: t.exposeFloat('delta'),
      models: t.exposeInt('models', {
        description: 'Trainings that read the rows; those of deleted runs count too.',
      }),
      unboundedModels: t.exposeInt('unboundedModels', {
        description:
          'Those of them that promise nothing, or drew their noise from a given seed: no ε tells their cost.',
      }),
      limit: t.field({ type: 'PrivacyLimit', nullable: true, resolve: ({ limit }) => limit }),
    }),
  });
  return builder.inputType('PrivacyLimitInput', {
    description: 'While there is one, a generator that promises no differential privacy is refused.',
    fields: (t) => ({
      epsilon: t.float({ required: true, description: 'Above 0.' }),
      delta: t.float({ description: 'Below 1; left out or null: no limit.' }),
    }),
  });
}
