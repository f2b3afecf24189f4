import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { StudioError } from '../../core/errors/index.js';
import type { RequestContext } from '../context.js';
import { UploadedFile } from '../scalars.js';
import type { Engine } from './engine.js';
import { type Operation, readOperation } from './operation.js';

const PATH = /^variables(\.[^.]+)+$/;

/**
 * GraphQL multipart requests: https://github.com/jaydenseric/graphql-multipart-request-spec. The operation runs while
 * the file comes in, so memory does not grow with it; therefore a request has one file, after "operations" and "map".
 */
export async function executeUpload(
  engine: Engine,
  request: FastifyRequest,
  context: RequestContext,
): Promise<ExecutionResult | null> {
  // How large a file may be is the service's to say.
  const parts = request.parts({ limits: { files: 1, fileSize: Number.POSITIVE_INFINITY } });
  const { operation, file } = await readFirstParts(parts);
  try {
    return await engine.execute(operation, context);
  } finally {
    void drain(parts, file);
  }
}

/** Reads the two fields, and goes on to the head of the file alone. */
async function readFirstParts(
  parts: AsyncIterator<Multipart>,
): Promise<{ operation: Operation; file?: MultipartFile }> {
  const fields = new Map<string, unknown>();
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const part = next.value;
    if (part.type === 'file') {
      const operation = readOperation(jsonField(fields, 'operations'));
      placeFile(operation, jsonField(fields, 'map'), part);
      return { operation, file: part };
    }
    fields.set(part.fieldname, part.value);
  }
  return { operation: readOperation(jsonField(fields, 'operations')) };
}

function jsonField(fields: ReadonlyMap<string, unknown>, name: string): unknown {
  const text = fields.get(name);
  if (text === undefined) {
    throw new StudioError('bad_request', `The multipart body must have the field "${name}" before the file`);
  }
  try {
    // The parser of the body reads a part that calls itself JSON; most clients send plain text.
    return typeof text === 'string' ? JSON.parse(text) : text;
  } catch {
    throw new StudioError('bad_request', `The field "${name}" is not JSON`);
  }
}

/** Puts the file where "map" says, in place of the null that stands for it. */
function placeFile({ variables }: Operation, map: unknown, part: MultipartFile): void {
  const paths: unknown = (map as Record<string, unknown> | null)?.[part.fieldname];
  const [path, ...others] = Array.isArray(paths) ? (paths as unknown[]) : [];
  if (typeof path !== 'string' || !PATH.test(path) || others.length > 0) {
    throw new StudioError('bad_request', `"map" must give the file "${part.fieldname}" one place among the variables`);
  }
  const keys = path.split('.').slice(1);
  const last = keys.pop()!;
  let holder: unknown = variables;
  for (const key of keys) holder = own(holder, key);
  if (own(holder, last) !== null) throw new StudioError('bad_request', `The operation has no null at "${path}"`);
  (holder as Record<string, unknown>)[last] = new UploadedFile(part.filename, part.file);
}

function own(holder: unknown, key: string): unknown {
  const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
  return isThere ? (holder as Record<string, unknown>)[key] : undefined;
}

/** What nobody read must still leave the socket, or the answer would wait behind it. */
async function drain(parts: AsyncIterator<Multipart>, file: MultipartFile | undefined): Promise<void> {
  try {
    file?.file.resume();
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.type === 'file') next.value.file.resume();
    }
  } catch {
    // The answer has been decided; what is wrong with the rest of the body changes nothing.
  }
}
