import type { PrivacyAccount, PrivacyLimit } from '../core/privacy/privacy-account.js';
import { integer, nullable, number, object, type Static } from './json-schema.js';

const limitView = object(
  { epsilon: number(), delta: nullable(number({ description: 'Null: no limit.' })) },
  {},
  { title: 'PrivacyLimit' },
);

export const privacyView = object(
  {
    epsilon: number({ description: 'What all models together may give away, those in progress at their budgets.' }),
    delta: number(),
    models: integer({ description: 'Trainings that read the rows; those of deleted runs count too.' }),
    unbounded_models: integer({
      description: 'Those of them that promise nothing, or drew their noise from a given seed: no ε tells their cost.',
    }),
    limit: nullable(limitView),
  },
  {},
  { title: 'DatasetPrivacy' },
);

export const privacyLimit = nullable(
  object(
    { epsilon: number({ exclusiveMinimum: 0 }) },
    { delta: nullable(number({ minimum: 0, exclusiveMaximum: 1, description: 'Absent or null: no limit.' })) },
    {
      description:
        'A model that would bring the sum above it is refused, and so is one that promises no differential privacy. Null takes it away.',
    },
  ),
);

export function toPrivacy(account: PrivacyAccount, limit: PrivacyLimit | null): Static<typeof privacyView> {
  const { epsilon, delta, models, unboundedModels } = account;
  return { epsilon, delta, models, unbounded_models: unboundedModels, limit };
}

export function fromPrivacyLimit(given: Static<typeof privacyLimit>): PrivacyLimit | null {
  return given && { epsilon: given.epsilon, delta: given.delta ?? null };
}
