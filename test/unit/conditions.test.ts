import { describe, expect, it } from 'vitest';
import { StudioError } from '../../src/core/errors/index.js';
import { type ConditionInput, resolveConditions } from '../../src/core/generators/conditions.js';
import type { ColumnKind, ColumnSchema, GeneratorCapabilities } from '../../src/core/plugin-api/index.js';

const capabilities: GeneratorCapabilities = {
  columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
  missingValues: true,
  conditionalSampling: 'exact',
  differentialPrivacy: null,
  accelerator: 'none',
};
const column = (name: string, kind: ColumnKind, nullable = false): ColumnSchema => ({ name, kind, nullable });
const columns = [
  column('age', 'integer'),
  column('sex', 'categorical', true),
  column('member', 'boolean'),
  column('joined', 'datetime'),
  column('id', 'identifier'),
  column('__proto__', 'categorical'),
];

const resolve = (...inputs: ConditionInput[]) => resolveConditions(inputs, columns, capabilities);

function failure(...inputs: ConditionInput[]) {
  try {
    resolve(...inputs);
  } catch (error) {
    return (error as StudioError).fields.map(({ field, code }) => [field, code]);
  }
  throw new Error('the condition was taken');
}

describe('conditions', () => {
  it('take a value of the kind of their column', () => {
    expect(
      resolve(
        { column: 'age', value: 39 },
        { column: 'sex', value: ' Female' },
        { column: 'member', value: 'true' },
        { column: 'joined', value: '2026-11-24' },
        { column: '__proto__', value: 'a' },
      ),
    ).toEqual([
      { column: 'age', value: 39 },
      { column: 'sex', value: ' Female' },
      { column: 'member', value: true },
      { column: 'joined', value: Date.UTC(2026, 10, 24) },
      { column: '__proto__', value: 'a' },
    ]);
  });

  it('take bounds on ordered columns, one or both', () => {
    expect(resolve({ column: 'age', value: { min: 30, max: 40 } })).toEqual([
      { column: 'age', minimum: 30, maximum: 40 },
    ]);
    expect(resolve({ column: 'joined', value: { min: '2026-01-01T12:00:00' } })).toEqual([
      { column: 'joined', minimum: Date.UTC(2026, 0, 1, 12) },
    ]);
  });

  it('take null only where values are missing', () => {
    expect(resolve({ column: 'sex', value: null })).toEqual([{ column: 'sex', value: null }]);
    expect(failure({ column: 'age', value: null })).toEqual([['conditions.age', 'invalid_choice']]);
  });

  it('tell every field that is wrong at once', () => {
    expect(
      failure(
        { column: 'height', value: 1 },
        { column: 'id', value: 'a' },
        { column: 'age', value: 'old' },
        { column: 'age', value: { min: 40, max: 30 } },
        { column: 'age', value: {} },
        { column: 'sex', value: { min: 1 } },
        { column: 'member', value: 'perhaps' },
        { column: 'joined', value: 'yesterday' },
      ),
    ).toEqual([
      ['conditions.height', 'unknown_column'],
      ['conditions.id', 'invalid_choice'],
      ['conditions.age', 'invalid_type'],
      ['conditions.age', 'range_error'],
      ['conditions.age', 'required'],
      ['conditions.sex', 'invalid_type'],
      ['conditions.member', 'invalid_type'],
      ['conditions.joined', 'invalid_type'],
    ]);
  });

  it('are refused by a generator that takes none', () => {
    expect(() =>
      resolveConditions([{ column: 'age', value: 1 }], columns, { ...capabilities, conditionalSampling: 'none' }),
    ).toThrow(StudioError);
  });
});
