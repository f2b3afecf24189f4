import { resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { LimitFigures } from '../limits/limit-rules.js';
import { type OidcProvider, oidcProviders, type SamlProvider, samlProviders } from '../sso/provider-config.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be a number and a unit, such as 30m')
  .transform((text) => {
    const [, count, unit] = /^(\d+)([a-z]+)$/.exec(text)!;
    return Number(count) * UNITS[unit as keyof typeof UNITS];
  });
const bytes = z
  .string()
  .regex(/^\d+ ?(B|KiB|MiB|GiB)?$/, 'must be a number of bytes, or a number and KiB, MiB or GiB')
  .transform((text) => {
    const [, count, unit = 'B'] = /^(\d+) ?(\w+)?$/.exec(text)!;
    return Number(count) * SIZES[unit as keyof typeof SIZES];
  });
const limit = (figure: number, meaning: string) =>
  z.coerce.number().int().min(0).max(1_000_000_000).default(figure).describe(`${meaning}; 0 turns this limit off`);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const publicUrl = z
  .url({ protocol: /^https?$/, message: 'must be an address that begins with http:// or https://' })
  .transform((text) => text.replace(/\/+$/, ''));

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(8000).describe('where it listens; 0 picks a free port'),
  HOST: z.string().default('127.0.0.1').describe('the address it listens on'),
  DATA_DIR: z.string().default('./data').describe('everything kept: database, tables, models, secrets'),
  STUDIO_ROLE: z.enum(['all', 'api', 'worker']).default('all').describe('api or worker alone, or both in one process'),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(1).describe('trainers at a time in one worker'),
  JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional().describe('made and kept in DATA_DIR'),
  ACCESS_TOKEN_TTL: duration.prefault('30m').describe('life of an access token'),
  REFRESH_TOKEN_TTL: duration.prefault('30d').describe('life of a refresh token'),
  FREE_LOGIN_FAILURES: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(5)
    .describe('failed logins to an account from an address before the next ones are slowed down; 0 turns it off'),
  ADMIN_EMAIL: z.email().optional().describe('an administrator made at the start'),
  ADMIN_PASSWORD: z.string().min(8).max(128).optional(),
  RATE_LIMIT_PER_MINUTE: limit(1000, 'requests of a user in a minute'),
  RATE_LIMIT_PER_HOUR: limit(5000, 'requests of a user in an hour'),
  UPLOADS_PER_MINUTE: limit(10, 'uploads of a user in a minute'),
  CONCURRENT_GENERATIONS: limit(5, 'generation jobs of a user that have not ended'),
  ANONYMOUS_PER_MINUTE: limit(60, 'requests without a login from an address in a minute'),
  LOGINS_PER_MINUTE: limit(10, 'attempts to log in with an e-mail address from an address in a minute'),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(0)
    .describe('days that the entries of the audit trail are kept; 0 keeps them all'),
  MAX_UPLOAD_BYTES: bytes.prefault('5GiB').describe('largest upload'),
  MIN_FREE_DISK: bytes.prefault('256MiB').describe('free space in DATA_DIR below which the studio is degraded'),
  WS_ANONYMOUS_PROGRESS: flag.prefault('true').describe('progress of a known generator id without a token'),
  WEBHOOK_ALLOW_PRIVATE: flag
    .prefault('false')
    .describe('lets webhooks reach private addresses, for tests and closed networks'),
  WEBHOOK_TIMEOUT: duration.prefault('15s').describe('the longest that one try of a webhook may take'),
  WEBHOOK_RETRY_DELAY: duration.prefault('5s').describe('before the second try; twice as long each time after that'),
  WEBHOOK_RETRY_FOR: duration.prefault('1d').describe('how long a webhook is tried before it is disabled'),
  WEBHOOK_SECRET_OVERLAP: duration.prefault('1d').describe('how long a replaced secret of a webhook signs too'),
  COMPUTE: z
    .enum(['auto', 'tensorflow', 'onnx-cpu', 'onnx-webgpu', 'onnx-cuda', 'wasm', 'cpu'])
    .default('auto')
    .describe('what runs the training steps'),
  COMPUTE_THREADS: z
    .union([z.literal('auto'), z.coerce.number().int().min(1).max(256)])
    .default('auto')
    .describe('most threads of a trainer; steps of small kernels run on one'),
  COMPUTE_SPINNING: flag
    .prefault('false')
    .describe('idle threads wait by spinning: faster only where nothing else wants the cores'),
  TFJS_NODE_DIR: z
    .string()
    .optional()
    .describe('a folder with the native TensorFlow binding: scripts/native-tensorflow.sh builds one'),
  STUDIO_SQLITE: z
    .enum(['sqlite3', 'node'])
    .optional()
    .describe('the SQLite driver; sqlite3 unless it cannot be loaded, then the one that comes with Node'),
  PLUGINS: list.prefault('').describe('packages or folders to load beside the built-in plugins, comma separated'),
  CORS_ORIGINS: list.prefault('').describe('origins of browser applications, comma separated'),
  TRUST_PROXY: flag.prefault('false').describe('believe X-Forwarded-For, -Host and -Proto'),
  PUBLIC_URL: publicUrl.optional().describe('the address that people reach the studio by; taken from Host if unset'),
  OAUTH_PROVIDERS: oidcProviders.optional().describe('OpenID Connect providers to log in by: JSON, or a file of it'),
  SAML_PROVIDERS: samlProviders.optional().describe('SAML 2.0 providers to log in by: JSON, or a file of it'),
  METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('opens /metrics to whoever sends it as a bearer token; without it, to this machine alone'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional()
    .describe('where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318; absent: no traces'),
  OTEL_SERVICE_NAME: z.string().default('synthetic-data-studio').describe('the name of this studio in traces'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Name, default and meaning of each variable, for `.env.example`. */
export const CONFIG_VARIABLES = Object.entries(environment.shape).map(([name, schema]) => {
  const input: unknown = schema.safeParse(undefined).data === undefined ? '' : defaultText(schema);
  return { name, default: String(input), description: schema.description ?? '' };
});

function defaultText(schema: z.ZodType): unknown {
  const definition = schema.def as { defaultValue?: unknown };
  return definition.defaultValue ?? '';
}

export interface StudioConfig {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly role: 'all' | 'api' | 'worker';
  readonly workerConcurrency: number;
  readonly jwtSecret: string | undefined;
  /** Milliseconds, as all times here. */
  readonly accessTokenTtl: number;
  readonly refreshTokenTtl: number;
  /** 0: logins are never slowed down. */
  readonly freeLoginFailures: number;
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly limits: LimitFigures;
  /** 0: for ever. */
  readonly auditRetentionDays: number;
  readonly maxUploadBytes: number;
  readonly minFreeDisk: number;
  readonly anonymousProgress: boolean;
  readonly webhooks: {
    readonly allowPrivate: boolean;
    readonly timeout: number;
    readonly retryDelay: number;
    readonly retryFor: number;
    readonly secretOverlap: number;
  };
  readonly sqliteDriver: 'sqlite3' | 'node' | undefined;
  readonly compute: {
    readonly executor: string;
    readonly threads: number;
    readonly spinning: boolean;
    readonly tensorflowFolder: string | undefined;
  };
  readonly plugins: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly trustProxy: boolean;
  /** Without a slash at its end. */
  readonly publicUrl: string | undefined;
  readonly oidcProviders: readonly OidcProvider[];
  readonly samlProviders: readonly SamlProvider[];
  readonly metricsToken: string | undefined;
  readonly traces: { readonly endpoint: string | undefined; readonly serviceName: string };
  readonly logLevel: string;
}

/** Usual names for a database or a store elsewhere: whoever sets one must not find later that it was passed over. */
const NOT_SUPPORTED = ['DATABASE_URL', 'STORAGE_URL'];

/** A bad variable stops the start and is named. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): StudioConfig {
  // An empty variable is an unset one, as in a compose file's `${NAME:-}`.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  for (const name of NOT_SUPPORTED) {
    if (given[name] !== undefined) throw new ConfigError(`Bad configuration. ${name}: everything is kept in DATA_DIR`);
  }
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Bad configuration. ${reasons.join('; ')}`);
  }
  const v = parsed.data;
  if ((v.ADMIN_EMAIL === undefined) !== (v.ADMIN_PASSWORD === undefined)) {
    throw new ConfigError('Bad configuration. ADMIN_EMAIL and ADMIN_PASSWORD: set both or neither');
  }
  // Whoever may choose the Host header must not choose which provider's assertions are meant for this studio.
  if (v.SAML_PROVIDERS !== undefined && v.PUBLIC_URL === undefined) {
    throw new ConfigError('Bad configuration. SAML_PROVIDERS: set PUBLIC_URL too');
  }
  return {
    port: v.PORT,
    host: v.HOST,
    dataDir: resolve(v.DATA_DIR),
    role: v.STUDIO_ROLE,
    workerConcurrency: v.WORKER_CONCURRENCY,
    jwtSecret: v.JWT_SECRET,
    accessTokenTtl: v.ACCESS_TOKEN_TTL,
    refreshTokenTtl: v.REFRESH_TOKEN_TTL,
    freeLoginFailures: v.FREE_LOGIN_FAILURES,
    admin:
      v.ADMIN_EMAIL !== undefined && v.ADMIN_PASSWORD !== undefined
        ? { email: v.ADMIN_EMAIL.toLowerCase(), password: v.ADMIN_PASSWORD }
        : undefined,
    limits: {
      perMinute: v.RATE_LIMIT_PER_MINUTE,
      perHour: v.RATE_LIMIT_PER_HOUR,
      uploadsPerMinute: v.UPLOADS_PER_MINUTE,
      concurrentGenerations: v.CONCURRENT_GENERATIONS,
      anonymousPerMinute: v.ANONYMOUS_PER_MINUTE,
      loginsPerMinute: v.LOGINS_PER_MINUTE,
    },
    auditRetentionDays: v.AUDIT_RETENTION_DAYS,
    maxUploadBytes: v.MAX_UPLOAD_BYTES,
    minFreeDisk: v.MIN_FREE_DISK,
    anonymousProgress: v.WS_ANONYMOUS_PROGRESS,
    webhooks: {
      allowPrivate: v.WEBHOOK_ALLOW_PRIVATE,
      timeout: v.WEBHOOK_TIMEOUT,
      retryDelay: v.WEBHOOK_RETRY_DELAY,
      retryFor: v.WEBHOOK_RETRY_FOR,
      secretOverlap: v.WEBHOOK_SECRET_OVERLAP,
    },
    sqliteDriver: v.STUDIO_SQLITE,
    compute: {
      executor: v.COMPUTE,
      threads: v.COMPUTE_THREADS === 'auto' ? Math.min(availableParallelism(), 8) : v.COMPUTE_THREADS,
      spinning: v.COMPUTE_SPINNING,
      tensorflowFolder: v.TFJS_NODE_DIR,
    },
    plugins: v.PLUGINS,
    corsOrigins: v.CORS_ORIGINS,
    trustProxy: v.TRUST_PROXY,
    publicUrl: v.PUBLIC_URL,
    oidcProviders: v.OAUTH_PROVIDERS ?? [],
    samlProviders: v.SAML_PROVIDERS ?? [],
    metricsToken: v.METRICS_TOKEN,
    traces: { endpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: v.OTEL_SERVICE_NAME },
    logLevel: v.LOG_LEVEL,
  };
}
