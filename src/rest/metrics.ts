import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { notAuthenticated } from '../core/auth/access-tokens.js';
import { StudioError } from '../core/errors/index.js';
import { bearerToken } from '../core/auth/credentials.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { string } from './json-schema.js';
import type { Services } from './services.js';

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet('127.0.0.0', 8, 'ipv4');
THIS_MACHINE.addAddress('::1', 'ipv6');
/** What a proxy adds: the request came from elsewhere. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'] as const;

export function metricsEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/metrics',
      access: 'public',
      docs: {
        id: 'getMetrics',
        tag: 'Operations',
        summary: 'Figures for Prometheus',
        description:
          'With `METRICS_TOKEN` set, for whoever sends it as `Authorization: Bearer`; otherwise for requests from the same machine, not through a proxy.',
        errors: ['authentication_error', 'permission_denied'],
        files: { 'text/plain': string() },
      },
      handle: async ({ request, reply }) => {
        authorise(request, services.config.metricsToken);
        reply.type(services.metrics.contentType).header('cache-control', 'no-store');
        return services.metrics.text();
      },
    }),
  ];
}

function authorise(request: FastifyRequest, wanted: string | undefined): void {
  if (wanted !== undefined) {
    if (isSame(bearerToken(request.headers.authorization) ?? '', wanted)) return;
    throw notAuthenticated();
  }
  const address = request.socket.remoteAddress ?? '';
  const isNear = THIS_MACHINE.check(address) || THIS_MACHINE.check(address, 'ipv6');
  if (isNear && FORWARDED.every((name) => request.headers[name] === undefined)) return;
  throw new StudioError('permission_denied', 'Metrics are for this machine alone until METRICS_TOKEN is set');
}

/** In a time that tells nothing of where they differ. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
