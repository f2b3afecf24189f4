import { describe, expect, it } from 'vitest';
import type { StudioError } from '../../src/core/errors/index.js';
import {
  array,
  integer,
  type JsonSchema,
  map,
  nullable,
  number,
  object,
  oneOf,
  query,
  string,
  time,
} from '../../src/rest/json-schema.js';
import { createValidatorCompiler } from '../../src/rest/validation.js';

const compile = createValidatorCompiler();

function check(schema: JsonSchema, value: unknown, httpPart: 'body' | 'querystring' = 'body') {
  const validate = compile({ schema, method: 'POST', url: '/', httpPart });
  const result = validate(value) as { value?: unknown; error?: StudioError };
  return result.error === undefined ? { value: result.value } : { fields: result.error.fields };
}

const person = object(
  { email: string({ format: 'email' }), password: string({ minLength: 8, maxLength: 128 }) },
  { name: nullable(string()), rows: integer({ minimum: 100, maximum: 100_000 }), role: oneOf(['user', 'admin']) },
);

describe('validation of a body', () => {
  it('names the item that is there twice', () => {
    const ids = object({ ids: array(string(), { uniqueItems: true }) });
    expect(check(ids, { ids: ['a', 'b', 'c'] })).toHaveProperty('value');
    expect(check(ids, { ids: ['a', 'b', 'a'] }).fields).toEqual([
      { field: 'ids.2', message: 'Is named twice', code: 'invalid_choice' },
    ]);
  });

  it('tells everything that is wrong at once, in the words of the contract', () => {
    const given = { email: 'nobody', rows: 7, role: 'king', extra: 1 };
    expect(check(person, given).fields).toEqual(
      expect.arrayContaining([
        { field: 'email', message: 'Must be an e-mail address', code: 'invalid_format' },
        { field: 'password', message: 'Is required', code: 'required' },
        { field: 'rows', message: 'Must be between 100 and 100000', code: 'range_error' },
        { field: 'role', message: 'Must be one of: user, admin', code: 'invalid_choice' },
        { field: 'extra', message: 'Unknown field', code: 'unknown_field' },
      ]),
    );
    expect(check(person, given).fields).toHaveLength(5);
  });

  it('converts nothing', () => {
    const { fields } = check(person, { email: 'a@example.com', password: 12345678, rows: '500', name: 5 });
    expect(fields?.map(({ field, code }) => [field, code])).toEqual(
      expect.arrayContaining([
        ['password', 'invalid_type'],
        ['rows', 'invalid_type'],
        ['name', 'invalid_type'],
      ]),
    );
  });

  it('treats no body as one without fields', () => {
    expect(check(person, null).fields?.map(({ field }) => field)).toEqual(['email', 'password']);
    expect(check(object({}), null)).toEqual({ value: {} });
  });

  it.each([[[]], ['text'], [3], [true]])('refuses %j in place of an object', (body) => {
    expect(check(person, body).fields).toEqual([
      { field: 'body', message: 'Must be of type object', code: 'invalid_type' },
    ]);
  });

  it('names a field by its path, whatever its characters', () => {
    const schema = object({ columns: array(object({ name: string() })), limits: map(number()) });
    const { fields } = check(schema, { columns: [{ name: 'a' }, { name: 1, kind: 'x' }], limits: { 'a/b~c': 'z' } });
    expect(fields?.map(({ field }) => field).toSorted()).toEqual(['columns.1.kind', 'columns.1.name', 'limits.a/b~c']);
  });

  it('keeps a key called __proto__ as a key, and refuses it where it is unknown', () => {
    const value = JSON.parse('{"__proto__": 4}') as object;
    expect(check(object({}), value).fields).toEqual([
      { field: '__proto__', message: 'Unknown field', code: 'unknown_field' },
    ]);
    const kept = check(map(number()), value).value as object;
    expect(Object.entries(kept)).toEqual([['__proto__', 4]]);
    expect(check(map(number()), JSON.parse('{"__proto__": "x"}')).fields?.[0]?.field).toBe('__proto__');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('validation of an address', () => {
  const page = query({ after: time() }, { limit: integer({ minimum: 1, maximum: 1000, default: 100 }) });

  it('converts text and fills defaults', () => {
    expect(check(page, { limit: '5' }, 'querystring')).toEqual({ value: { limit: 5 } });
    expect(check(page, {}, 'querystring')).toEqual({ value: { limit: 100 } });
  });

  it.each([
    [{ limit: '0' }, 'limit', 'range_error'],
    [{ limit: 'many' }, 'limit', 'invalid_type'],
    [{ limit: '' }, 'limit', 'invalid_type'],
    [{ limit: ['1', '2'] }, 'limit', 'invalid_type'],
    [{ after: 'yesterday' }, 'after', 'invalid_format'],
    [{ page: '2' }, 'page', 'unknown_field'],
  ])('refuses %j', (given, field, code) => {
    expect(check(page, given, 'querystring').fields).toEqual([expect.objectContaining({ field, code })]);
  });
});
