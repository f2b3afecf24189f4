import { apiKeyEndpoints } from './api-keys.js';
import { auditEndpoints } from './audit-logs.js';
import { authEndpoints } from './auth.js';
import { datasetEndpoints } from './datasets.js';
import type { Endpoint } from './endpoint.js';
import { evaluationEndpoints } from './evaluations.js';
import { generatorEndpoints } from './generators.js';
import { healthEndpoints } from './health.js';
import { metricsEndpoints } from './metrics.js';
import { modelEndpoints } from './models.js';
import type { Services } from './services.js';
import { singleSignOnEndpoints } from './single-sign-on.js';
import { webhookEndpoints } from './webhooks.js';
import { userEndpoints } from './users.js';

/** Every route of the compatibility layer but the WebSocket. */
export function restEndpoints(services: Services): Endpoint[] {
  return [
    ...authEndpoints(services),
    ...apiKeyEndpoints(services),
    ...singleSignOnEndpoints(services),
    ...userEndpoints(services),
    ...datasetEndpoints(services),
    ...generatorEndpoints(services),
    ...modelEndpoints(services),
    ...evaluationEndpoints(services),
    ...webhookEndpoints(services),
    ...auditEndpoints(services),
    ...healthEndpoints(services),
    ...metricsEndpoints(services),
  ];
}
