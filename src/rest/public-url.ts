import type { FastifyRequest } from 'fastify';
import type { StudioConfig } from '../core/app/config.js';
import { StudioError } from '../core/errors/index.js';

const HOST = /^([a-z\d.-]+|\[[\da-f:.]+\])(:\d+)?$/i;

/** The address by which the caller reaches the studio, without a slash at its end. */
export function publicUrl(request: FastifyRequest, config: StudioConfig): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const prefix = request.originalUrl.startsWith('/api/') ? '/api' : '';
  if (!HOST.test(request.host)) throw new StudioError('bad_request', 'The Host header names no host');
  return `${request.protocol}://${request.host}${prefix}`;
}
