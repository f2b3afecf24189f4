import { describe, expect, it } from 'vitest';
import { StudioError } from '../../src/core/errors/index.js';
import { type ConditionInput, MOST_LISTED_VALUES, resolveConditions } from '../../src/core/generators/conditions.js';
import {
  alternativesByColumn,
  type ColumnKind,
  type ColumnSchema,
  type Condition,
  ConditionError,
  type GeneratorCapabilities,
} from '../../src/core/plugin-api/index.js';

const capabilities: GeneratorCapabilities = {
  columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
  missingValues: true,
  conditionalSampling: 'exact',
  differentialPrivacy: null,
  accelerator: 'none',
  conditionLists: true,
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

const together = (...conditions: Condition[]) => alternativesByColumn(conditions).get('x');

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

  it('take a list of values, each of the kind of the column', () => {
    expect(
      resolve(
        { column: 'sex', value: ['Female', null] },
        { column: 'age', value: ['39', 40] },
        { column: 'member', value: [true, 'false'] },
        { column: 'joined', value: ['2026-11-24', '2026-11-25'] },
      ),
    ).toEqual([
      { column: 'sex', values: ['Female', null] },
      { column: 'age', values: [39, 40] },
      { column: 'member', values: [true, false] },
      { column: 'joined', values: [Date.UTC(2026, 10, 24), Date.UTC(2026, 10, 25)] },
    ]);
    expect(resolve({ column: 'age', value: [39] })).toEqual([{ column: 'age', value: 39 }]);
  });

  it('refuse lists that are empty, too long, with a value twice or of another kind, or that the generator does not take', () => {
    const tooLong = Array.from({ length: MOST_LISTED_VALUES + 1 }, (_, i) => i);
    expect(
      failure(
        { column: 'age', value: [] },
        { column: 'age', value: tooLong },
        { column: 'age', value: [1, '1'] },
        { column: 'age', value: [1, 'old'] },
        { column: 'age', value: [1, null] },
        { column: 'height', value: [1, 2] },
      ),
    ).toEqual([
      ['conditions.age', 'required'],
      ['conditions.age', 'range_error'],
      ['conditions.age', 'invalid_choice'],
      ['conditions.age', 'invalid_type'],
      ['conditions.age', 'invalid_choice'],
      ['conditions.height', 'unknown_column'],
    ]);
    const { conditionLists: _, ...without } = capabilities;
    expect(() => resolveConditions([{ column: 'age', value: [1, 2] }], columns, without)).toThrow(StudioError);
  });

  it('on one column are taken together', () => {
    const cities: Condition = { column: 'x', values: ['Bern', 'Cork', null] };
    expect(together(cities, { column: 'x', values: ['Delft', 'Cork', 'Bern'] })).toEqual([
      { column: 'x', value: 'Bern' },
      { column: 'x', value: 'Cork' },
    ]);
    expect(together({ column: 'x', values: [1, 2, 3, null] }, { column: 'x', minimum: 2 })).toEqual([
      { column: 'x', value: 2 },
      { column: 'x', value: 3 },
    ]);
    expect(together({ column: 'x', minimum: 1, maximum: 3 }, { column: 'x', minimum: 2 })).toEqual([
      { column: 'x', minimum: 2, maximum: 3 },
    ]);
    expect(() => together(cities, { column: 'x', value: 'Delft' })).toThrow(ConditionError);
    expect(() => together({ column: 'x', maximum: 1 }, { column: 'x', minimum: 2 })).toThrow('exclude one another');
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
