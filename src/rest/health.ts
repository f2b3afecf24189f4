import { type Endpoint, endpoint } from './endpoint.js';
import { number, object, oneOf, string } from './json-schema.js';
import type { Services } from './services.js';

const check = object({ status: oneOf(['ok', 'failed']) }, { detail: string() }, { title: 'HealthCheck' });

export function healthEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/health',
      access: 'public',
      answer: object({
        status: oneOf(['healthy', 'degraded']),
        version: string(),
        uptime_seconds: number(),
        checks: object({ database: check, storage: check, queue: check, disk: check }),
      }),
      docs: { id: 'getHealth', tag: 'Operations', summary: 'How each part is', description: 'Degraded is still 200.' },
      handle: async () => {
        const { status, version, uptimeSeconds, checks } = await services.health.check();
        return { status, version, uptime_seconds: uptimeSeconds, checks };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/health/live',
      access: 'public',
      answer: object({ status: oneOf(['alive']) }),
      docs: { id: 'getLiveness', tag: 'Operations', summary: 'Whether the process answers' },
      handle: async () => ({ status: 'alive' as const }),
    }),
    endpoint({
      method: 'GET',
      path: '/health/ready',
      access: 'public',
      answer: object({ status: oneOf(['ready']) }),
      docs: {
        id: 'getReadiness',
        tag: 'Operations',
        summary: 'Whether requests can be served',
        errors: ['unavailable'],
      },
      handle: async () => {
        await services.health.requireReady();
        return { status: 'ready' as const };
      },
    }),
  ];
}
