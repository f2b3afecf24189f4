import { AuditEntry, AuditHead, AuditIntent, AuditStart } from '../audit/audit-entry.entity.js';
import { ApiKey } from '../auth/api-key.entity.js';
import { KnownAddress } from '../auth/login/known-address.entity.js';
import { LoginFailures } from '../auth/login/login-failures.entity.js';
import { RefreshToken } from '../auth/refresh-token.entity.js';
import { User } from '../auth/user.entity.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { Evaluation } from '../evaluations/evaluation.entity.js';
import { Generator } from '../generators/generator.entity.js';
import { Model } from '../generators/model.entity.js';
import { HealthProbe } from '../health/health-probe.entity.js';
import { RunOption } from '../generators/run-option.entity.js';
import { IdempotentEffect, IdempotentRequest } from '../idempotency/idempotency.entity.js';
import { Job } from '../jobs/job.entity.js';
import { QueueEntry } from '../jobs/queue/queue-entry.entity.js';
import { PrivacyCharge } from '../privacy/privacy-charge.entity.js';
import { RateCount } from '../limits/rate-count.entity.js';
import { Identity } from '../sso/identity.entity.js';
import { UsedOnce } from '../sso/used-once.entity.js';
import { WebhookDelivery } from '../webhooks/webhook-delivery.entity.js';
import { Webhook } from '../webhooks/webhook.entity.js';

/** Every table of the database. A new entity, or a new column, needs a migration too (`scripts/make-migration.mjs`). */
export const ENTITIES = [
  User,
  RefreshToken,
  ApiKey,
  LoginFailures,
  KnownAddress,
  Dataset,
  Generator,
  Model,
  RunOption,
  Evaluation,
  Job,
  QueueEntry,
  PrivacyCharge,
  HealthProbe,
  Identity,
  UsedOnce,
  RateCount,
  Webhook,
  WebhookDelivery,
  AuditEntry,
  AuditHead,
  AuditStart,
  AuditIntent,
  IdempotentRequest,
  IdempotentEffect,
];
