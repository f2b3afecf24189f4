import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Upload } from '../core/datasets/dataset.service.js';
import { type FieldError, invalid, StudioError } from '../core/errors/index.js';

/** A field that may stand beside the file. */
export type UploadField = 'name' | 'description';
type Details = Partial<Record<UploadField, string>>;

/**
 * The upload in a multipart body. Fields may stand before and after the file, so the stream that the service reads
 * ends only when the whole body was read and found right: what it throws refuses the upload.
 */
export async function readUpload(request: FastifyRequest, known: readonly UploadField[]): Promise<Upload> {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    throw new StudioError('bad_request', 'Send the file as multipart/form-data, in the field "file"');
  }
  request.isBodyRead = true;
  const details: Details = {};
  const parts = readParts(request);
  const file = await untilFile(parts, details, known);
  if (file === undefined) throw invalid({ field: 'file', message: 'Is required', code: 'required' });
  return {
    filename: file.filename,
    stream: Readable.from(contentThenRest(file, parts, details, known, request.bodyDigest), { objectMode: false }),
    details: () => details,
  };
}

/** The parser's own errors are faults of the request. */
async function* readParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    for await (const part of request.parts()) {
      // The boundary, which is another each time, is no part of what was asked.
      const said = part.type === 'file' ? [part.fieldname, part.filename] : [part.fieldname, String(part.value)];
      request.bodyDigest?.update(JSON.stringify([part.type, ...said]));
      yield part;
    }
  } catch (error) {
    throw asBadRequest(error);
  }
}

async function* contentThenRest(
  file: MultipartFile,
  parts: AsyncGenerator<Multipart>,
  details: Details,
  known: readonly UploadField[],
  digest: Hash | null,
) {
  try {
    for await (const chunk of file.file as AsyncIterable<Buffer>) {
      digest?.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw asBadRequest(error);
  }
  const second = await untilFile(parts, details, known);
  if (second !== undefined) {
    throw invalid({ field: second.fieldname, message: 'Send one file at a time', code: 'unknown_field' });
  }
}

/** Reads fields up to the next file. A generator is not left half way: `return()` would end the request's parsing. */
async function untilFile(
  parts: AsyncGenerator<Multipart>,
  details: Details,
  known: readonly UploadField[],
): Promise<MultipartFile | undefined> {
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
      errors.push(...takeField(part.fieldname, part.value, details, known));
    }
  }
  if (errors.length > 0) throw invalid(...errors);
  return file;
}

function takeField(name: string, value: unknown, details: Details, known: readonly UploadField[]): FieldError[] {
  if (name === 'file') return [{ field: 'file', message: 'Must be a file, with a filename', code: 'invalid_type' }];
  const field = known.find((candidate) => candidate === name);
  if (field === undefined) return [unknownField(name)];
  if (typeof value !== 'string') return [{ field: name, message: 'Must be of type string', code: 'invalid_type' }];
  details[field] = value;
  return [];
}

function unknownField(field: string): FieldError {
  return { field, message: 'Unknown field', code: 'unknown_field' };
}

function asBadRequest(error: unknown): unknown {
  if (error instanceof StudioError) return error;
  return new StudioError('bad_request', `Malformed multipart body: ${(error as Error).message}`);
}
