import { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Upload } from '../core/datasets/dataset.service.js';
import { type FieldError, invalid, StudioError } from '../core/errors/index.js';

const FIELDS = ['name', 'description'] as const;
type Details = Partial<Record<(typeof FIELDS)[number], string>>;

/**
 * The upload in a multipart body. Fields may stand before and after the file, so the stream that the service reads
 * ends only when the whole body was read and found right: what it throws refuses the upload.
 */
export async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    throw new StudioError('bad_request', 'Send the file as multipart/form-data, in the field "file"');
  }
  const details: Details = {};
  const parts = readParts(request);
  const file = await untilFile(parts, details);
  if (file === undefined) throw invalid({ field: 'file', message: 'Is required', code: 'required' });
  return {
    filename: file.filename,
    stream: Readable.from(contentThenRest(file, parts, details), { objectMode: false }),
    details: () => details,
  };
}

/** The parser's own errors are faults of the request. */
async function* readParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw asBadRequest(error);
  }
}

async function* contentThenRest(file: MultipartFile, parts: AsyncGenerator<Multipart>, details: Details) {
  try {
    yield* file.file as AsyncIterable<Buffer>;
  } catch (error) {
    throw asBadRequest(error);
  }
  const second = await untilFile(parts, details);
  if (second !== undefined) {
    throw invalid({ field: second.fieldname, message: 'Send one file at a time', code: 'unknown_field' });
  }
}

/** Reads fields up to the next file. A generator is not left half way: `return()` would end the request's parsing. */
async function untilFile(parts: AsyncGenerator<Multipart>, details: Details): Promise<MultipartFile | undefined> {
  const errors: FieldError[] = [];
  let file: MultipartFile | undefined;
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.type === 'file' && part.fieldname === 'file') {
      file = part;
      break;
    }
    if (part.type === 'file') {
      part.file.resume();
      errors.push(unknownField(part.fieldname));
    } else {
      errors.push(...takeField(part.fieldname, part.value, details));
    }
  }
  if (errors.length > 0) throw invalid(...errors);
  return file;
}

function takeField(name: string, value: unknown, details: Details): FieldError[] {
  if (name === 'file') return [{ field: 'file', message: 'Must be a file, with a filename', code: 'invalid_type' }];
  const known = FIELDS.find((field) => field === name);
  if (known === undefined) return [unknownField(name)];
  if (typeof value !== 'string') return [{ field: name, message: 'Must be of type string', code: 'invalid_type' }];
  details[known] = value;
  return [];
}

function unknownField(field: string): FieldError {
  return { field, message: 'Unknown field', code: 'unknown_field' };
}

function asBadRequest(error: unknown): unknown {
  if (error instanceof StudioError) return error;
  return new StudioError('bad_request', `Malformed multipart body: ${(error as Error).message}`);
}
