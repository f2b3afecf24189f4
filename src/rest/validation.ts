import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { isEmailAddress } from '../core/auth/auth.service.js';
import { type FieldError, type FieldErrorCode, invalid } from '../core/errors/index.js';
import type { JsonSchema } from './json-schema.js';
import { parseTime } from './times.js';

const CODES: Readonly<Record<string, FieldErrorCode>> = {
  required: 'required',
  additionalProperties: 'unknown_field',
  type: 'invalid_type',
  enum: 'invalid_choice',
  format: 'invalid_format',
  minimum: 'range_error',
  maximum: 'range_error',
  minLength: 'range_error',
  maxLength: 'range_error',
  minItems: 'range_error',
  maxItems: 'range_error',
  uniqueItems: 'invalid_choice',
};
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'an ISO 8601 time',
  email: 'an e-mail address',
};

/** `uri` and `binary` tell the reader: who takes such a value judges it. */
const OPTIONS: Options = {
  allErrors: true,
  // The message tells the whole rule, so the schema that was broken has to come with the error.
  verbose: true,
  allowUnionTypes: true,
  strictTypes: false,
  formats: { 'date-time': (text) => parseTime(text) !== undefined, email: isEmailAddress, uri: true, binary: true },
};

/** Values in an address are text, so they are converted to the wanted types; those in a body are taken as they are. */
export function createValidatorCompiler(): FastifySchemaCompiler<JsonSchema> {
  const body = new Ajv(OPTIONS);
  const address = new Ajv({ ...OPTIONS, coerceTypes: true, useDefaults: true });
  return ({ schema, httpPart }) => {
    // Compiled at the first request of a route: all of them together would be a tenth of the start.
    let compiled: ValidateFunction | undefined;
    return (given: unknown) => {
      const validate = (compiled ??= (httpPart === 'body' ? body : address).compile(schema));
      // A request without a body is told which fields it lacks, as one with an empty object is.
      const value = given ?? {};
      return validate(value) ? { value } : { error: invalid(...fieldErrors(validate.errors ?? [])) };
    };
  };
}

function fieldErrors(errors: readonly ErrorObject[]): FieldError[] {
  const found = new Map<string, FieldError>();
  for (const error of errors) {
    const field = fieldOf(error);
    const code = CODES[error.keyword] ?? 'invalid_format';
    found.set(`${field} ${code}`, { field, message: messageOf(error), code });
  }
  return [...found.values()];
}

function fieldOf({ instancePath, keyword, params }: ErrorObject): string {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'required') path.push(params['missingProperty'] as string);
  if (keyword === 'additionalProperties') path.push(params['additionalProperty'] as string);
  if (keyword === 'uniqueItems') path.push(String(Math.max(params['i'] as number, params['j'] as number)));
  return path.join('.') || 'body';
}

function messageOf({ keyword, parentSchema = {} }: ErrorObject): string {
  const limits = parentSchema as Readonly<Record<string, number | undefined>>;
  switch (keyword) {
    case 'required':
      return 'Is required';
    case 'additionalProperties':
      return 'Unknown field';
    case 'enum':
      return `Must be one of: ${(parentSchema['enum'] as unknown[]).join(', ')}`;
    case 'format':
      return `Must be ${FORMATS[parentSchema['format'] as string] ?? 'well formed'}`;
    case 'minimum':
    case 'maximum':
      return `Must be ${range(limits['minimum'], limits['maximum'])}`;
    case 'minLength':
    case 'maxLength':
      return `Must have ${range(limits['minLength'], limits['maxLength'])} characters`;
    case 'minItems':
    case 'maxItems':
      return `Must have ${range(limits['minItems'], limits['maxItems'])} items`;
    case 'uniqueItems':
      return 'Is named twice';
    default:
      return `Must be of type ${[parentSchema['type']].flat().join(' or ')}`;
  }
}

function range(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return `at most ${most}`;
  return most === undefined ? `at least ${least}` : `between ${least} and ${most}`;
}
