import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { StudioConfig } from '../core/app/config.js';
import { ProcessLifecycle } from '../core/app/lifecycle.js';
import { CONFIG, PLUGINS } from '../core/app/tokens.js';
import { Accounts } from '../core/auth/accounts.js';
import { AuditLog } from '../core/audit/audit-log.js';
import { AuditTrail } from '../core/audit/audit-trail.js';
import { ApiKeys } from '../core/auth/api-keys.js';
import { AuthService } from '../core/auth/auth.service.js';
import { DatasetService } from '../core/datasets/dataset.service.js';
import { ComparisonService } from '../core/evaluations/comparison/index.js';
import { EvaluationService } from '../core/evaluations/evaluation.service.js';
import { EventBus } from '../core/events/index.js';
import { GeneratorService } from '../core/generators/generator.service.js';
import { ModelFileService } from '../core/generators/model-file/model-file.service.js';
import { HealthService } from '../core/health/health.service.js';
import { IdempotencyService } from '../core/idempotency/idempotency.service.js';
import { JobService } from '../core/jobs/job.service.js';
import { RequestLimiter } from '../core/limits/request-limiter.js';
import { Metrics } from '../core/telemetry/metrics.js';
import type { PluginRegistry } from '../core/plugin-host/index.js';
import { PrivacyAccounts } from '../core/privacy/privacy-accounts.js';
import { OidcLogins } from '../core/sso/oidc-logins.js';
import { SamlLogins } from '../core/sso/saml-logins.js';
import { WebhookService } from '../core/webhooks/webhook.service.js';

/** What the routes call. Resolved at the first use, so that the routes can be described without a database. */
export interface Services {
  readonly auth: AuthService;
  readonly apiKeys: ApiKeys;
  readonly accounts: Accounts;
  readonly datasets: DatasetService;
  readonly generators: GeneratorService;
  readonly models: ModelFileService;
  readonly evaluations: EvaluationService;
  readonly comparisons: ComparisonService;
  readonly jobs: JobService;
  readonly privacy: PrivacyAccounts;
  readonly events: EventBus;
  readonly oidcLogins: OidcLogins;
  readonly samlLogins: SamlLogins;
  readonly webhooks: WebhookService;
  readonly health: HealthService;
  readonly metrics: Metrics;
  readonly lifecycle: ProcessLifecycle;
  readonly limits: RequestLimiter;
  readonly auditTrail: AuditTrail;
  readonly auditLog: AuditLog;
  readonly idempotency: IdempotencyService;
  readonly plugins: PluginRegistry;
  readonly config: StudioConfig;
}

const TOKENS: { readonly [K in keyof Services]: InjectionToken<Services[K]> } = {
  auth: AuthService,
  apiKeys: ApiKeys,
  accounts: Accounts,
  datasets: DatasetService,
  generators: GeneratorService,
  models: ModelFileService,
  evaluations: EvaluationService,
  comparisons: ComparisonService,
  jobs: JobService,
  privacy: PrivacyAccounts,
  events: EventBus,
  oidcLogins: OidcLogins,
  samlLogins: SamlLogins,
  webhooks: WebhookService,
  health: HealthService,
  metrics: Metrics,
  lifecycle: ProcessLifecycle,
  limits: RequestLimiter,
  auditTrail: AuditTrail,
  auditLog: AuditLog,
  idempotency: IdempotencyService,
  plugins: PLUGINS,
  config: CONFIG,
};

export function createServices(container: DependencyContainer): Services {
  const services = {} as Services;
  for (const [name, token] of Object.entries(TOKENS)) {
    Object.defineProperty(services, name, {
      configurable: true,
      get() {
        const value: unknown = container.resolve(token as InjectionToken<unknown>);
        Object.defineProperty(services, name, { value });
        return value;
      },
    });
  }
  return services;
}
