import type { DependencyContainer } from 'tsyringe';
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
import { IdempotencyService } from '../core/idempotency/idempotency.service.js';
import { JobService } from '../core/jobs/job.service.js';
import { RequestLimiter } from '../core/limits/request-limiter.js';
import { Metrics } from '../core/telemetry/metrics.js';
import type { PluginRegistry } from '../core/plugin-host/index.js';
import { PrivacyAccounts } from '../core/privacy/privacy-accounts.js';
import { type LoginProviderInfo, loginProviders } from '../core/sso/login-providers.js';
import { WebhookService } from '../core/webhooks/webhook.service.js';

/** The whole of the core that this door calls. */
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
  readonly webhooks: WebhookService;
  readonly events: EventBus;
  readonly limits: RequestLimiter;
  readonly idempotency: IdempotencyService;
  readonly auditTrail: AuditTrail;
  readonly auditLog: AuditLog;
  readonly plugins: PluginRegistry;
  /** Null where nothing is measured. */
  readonly metrics: Metrics | null;
  readonly loginProviders: readonly LoginProviderInfo[];
}

export function resolveServices(container: DependencyContainer): Services {
  return {
    auth: container.resolve(AuthService),
    apiKeys: container.resolve(ApiKeys),
    accounts: container.resolve(Accounts),
    datasets: container.resolve(DatasetService),
    generators: container.resolve(GeneratorService),
    models: container.resolve(ModelFileService),
    evaluations: container.resolve(EvaluationService),
    comparisons: container.resolve(ComparisonService),
    jobs: container.resolve(JobService),
    privacy: container.resolve(PrivacyAccounts),
    webhooks: container.resolve(WebhookService),
    events: container.resolve(EventBus),
    limits: container.resolve(RequestLimiter),
    idempotency: container.resolve(IdempotencyService),
    auditTrail: container.resolve(AuditTrail),
    auditLog: container.resolve(AuditLog),
    plugins: container.resolve(PLUGINS),
    metrics: container.resolve(Metrics),
    loginProviders: loginProviders(container.resolve(CONFIG)),
  };
}
