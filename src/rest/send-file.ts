import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Download } from '../core/datasets/dataset.service.js';
import { StudioError } from '../core/errors/index.js';
import { parseByteRange } from './byte-range.js';
import { attachment } from './content-disposition.js';

export const fileHeaders = {
  ETag: 'Strong validator of the content.',
  'Content-Disposition': 'The name to save the file by.',
  'Accept-Ranges': '`bytes`: an interrupted download can be resumed.',
};

/** Streams a file in constant memory: whole, in part (`Range`, `If-Range`), or not at all when the client has it (`If-None-Match`). */
export function sendFile(file: Download, request: FastifyRequest, reply: FastifyReply): Readable | undefined {
  const { headers, method } = request;
  const isCurrent = headers['if-range'] === undefined || headers['if-range'] === file.etag;
  const range = isCurrent && method === 'GET' ? parseByteRange(headers.range, file.sizeBytes) : 'all';
  const isKnown = matches(headers['if-none-match'], file.etag);
  if (range === 'unsatisfiable' && !isKnown) {
    reply.header('content-range', `bytes */${file.sizeBytes}`);
    throw new StudioError('range_not_satisfiable', `The file has ${file.sizeBytes} bytes`);
  }
  reply.headers({ etag: file.etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' });
  if (isKnown || range === 'unsatisfiable') {
    reply.code(304);
    return undefined;
  }
  reply.type(file.contentType).header('content-disposition', attachment(file.filename));
  if (range === 'all') {
    reply.header('content-length', file.sizeBytes);
    return method === 'HEAD' ? undefined : createReadStream(file.path);
  }
  reply.code(206);
  reply.header('content-range', `bytes ${range.first}-${range.last}/${file.sizeBytes}`);
  reply.header('content-length', range.last - range.first + 1);
  return createReadStream(file.path, { start: range.first, end: range.last });
}

/** `If-None-Match` compares weakly: RFC 9110, section 13.1.2. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}
