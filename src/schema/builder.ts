import SchemaBuilder, {
  type FieldNullability,
  type InputFieldMap,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { ApiKey } from '../core/auth/api-key.entity.js';
import type { IssuedApiKey } from '../core/auth/api-keys.js';
import type { AuditEntry } from '../core/audit/audit-entry.entity.js';
import type { ChainReport } from '../core/audit/verify-chain.js';
import type { Policy } from '../core/auth/policies.js';
import type { TokenPair } from '../core/auth/auth.service.js';
import type { User } from '../core/auth/user.entity.js';
import type { ColumnSummary, Dataset } from '../core/datasets/dataset.entity.js';
import type { ColumnOverride } from '../core/tables/index.js';
import type { FieldError } from '../core/errors/index.js';
import type {
  ComparedEvaluation,
  ComparedEvaluator,
  ComparedScore,
  ComparedValue,
  EvaluationComparison,
} from '../core/evaluations/comparison/index.js';
import type { Evaluation } from '../core/evaluations/evaluation.entity.js';
import type { StudioEvent } from '../core/events/index.js';
import type { Generator } from '../core/generators/generator.entity.js';
import type { Job, JobFailure } from '../core/jobs/job.entity.js';
import type {
  GeneratorCapabilities,
  MetricDefinition,
  PreflightIssue,
  PrivacyLedgerEntry,
  PrivacySpent,
} from '../core/plugin-api/index.js';
import type { PrivacyAccount, PrivacyLimit } from '../core/privacy/privacy-account.js';
import type { LoadedEvaluator, LoadedGenerator } from '../core/plugin-host/index.js';
import type { LoginProviderInfo } from '../core/sso/login-providers.js';
import type { DeliveryAttempt, WebhookDelivery } from '../core/webhooks/webhook-delivery.entity.js';
import type { Webhook } from '../core/webhooks/webhook.entity.js';
import type { WebhookWithSecret } from '../core/webhooks/webhook.service.js';
import type { RequestContext } from './context.js';
import type { Failure } from './errors/failure.js';
import type { Cell, NamedValue, Row, RowPage, Score } from './shapes.js';
import type { UploadedFile } from './scalars.js';

/** Types of the schema by name, with what their resolvers are given. */
export interface StudioTypes {
  Context: RequestContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Cell: { Input: Cell; Output: Cell };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
    File: { Input: UploadedFile; Output: never };
  };
  Interfaces: { Node: { readonly id: string }; Error: Failure; LongWork: { readonly job: Job } };
  Objects: {
    User: User;
    Session: TokenPair;
    ApiKey: ApiKey;
    IssuedApiKey: IssuedApiKey;
    LoginProvider: LoginProviderInfo;
    Dataset: Dataset;
    DatasetColumn: ColumnSummary;
    DatasetPrivacy: PrivacyAccount & { readonly limit: PrivacyLimit | null };
    PrivacyLimit: PrivacyLimit;
    ColumnOverride: ColumnOverride;
    Bounds: readonly [number, number];
    Row: Row;
    RowEdge: { readonly cursor: string; readonly node: Row };
    RowConnection: RowPage;
    Generator: Generator;
    PreflightWarning: PreflightIssue;
    PrivacyLedgerEntry: PrivacyLedgerEntry;
    PrivacySpent: PrivacySpent;
    JobFailure: JobFailure;
    NamedValue: NamedValue;
    GenerationProgress: { readonly job: Job };
    Evaluation: Evaluation;
    EvaluationComparison: EvaluationComparison;
    ComparedEvaluation: ComparedEvaluation;
    ComparedEvaluator: ComparedEvaluator;
    ComparedScore: ComparedScore;
    ComparedValue: ComparedValue;
    EvaluatorRun: Evaluation['evaluators'][number];
    Score: Score;
    EvaluationProgress: { readonly job: Job };
    GeneratorType: LoadedGenerator;
    GeneratorCapabilities: GeneratorCapabilities;
    EvaluatorType: LoadedEvaluator;
    Metric: MetricDefinition;
    PluginPackage: LoadedGenerator['package'];
    Event: StudioEvent;
    Webhook: Webhook;
    WebhookWithSecret: WebhookWithSecret;
    WebhookDelivery: WebhookDelivery;
    DeliveryAttempt: DeliveryAttempt;
    Deleted: { readonly id: string };
    AuditEntry: AuditEntry;
    AuditReport: ChainReport;
    PasswordChanged: { readonly user: User };
    FieldError: FieldError;
    AuthenticationError: Failure;
    BadRequestError: Failure;
    ConflictError: Failure;
    LimitError: Failure;
    NotFoundError: Failure;
    UnavailableError: Failure;
    ValidationError: Failure;
  };
}

declare global {
  namespace PothosSchemaTypes {
    // Every root field must say who may call it: the compiler asks here, and the start asks again (policies/).
    interface QueryFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      policy: Policy;
    }
    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      policy: Policy;
      /** It makes something new each time it is asked for: an Idempotency-Key makes that once. */
      creates?: true;
    }
    interface SubscriptionFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      policy: Policy;
    }
  }
}

export function createBuilder() {
  return new SchemaBuilder<StudioTypes>({
    plugins: [RelayPlugin],
    defaultFieldNullability: false,
    relay: {
      cursorType: 'String',
      edgesFieldOptions: { nullable: false },
      nodeFieldOptions: { nullable: false },
      // Ids are the same in both doors, so `node` is the schema's own field and not the plugin's encoded one.
      nodeQueryOptions: false,
      nodesQueryOptions: false,
    },
  });
}

export type Builder = ReturnType<typeof createBuilder>;
