import { container as root, type DependencyContainer } from 'tsyringe';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { AccessTokens } from '../auth/access-tokens.js';
import { EvaluateHandler } from '../evaluations/evaluation.handler.js';
import { GenerateHandler, SampleHandler } from '../generators/generation.handlers.js';
import { ImputeHandler } from '../generators/impute.handler.js';
import type { PluginRegistry } from '../plugin-host/index.js';
import { LoginFlows } from '../sso/login-flow.js';
import type { Tracer } from '../telemetry/tracer.js';
import type { StudioConfig } from './config.js';
import {
  ACCESS_TOKENS,
  CONFIG,
  DATA_SOURCE,
  JOB_HANDLER,
  LOGGER,
  LOGIN_FLOWS,
  PLUGINS,
  TRACER,
  TRAINER_ENTRY,
} from './tokens.js';

export interface Parts {
  readonly config: StudioConfig;
  readonly logger: Logger;
  readonly dataSource: DataSource;
  readonly plugins: PluginRegistry;
  readonly jwtSecret: Uint8Array;
  readonly tracer: Tracer;
  /** The built trainer program. */
  readonly trainerEntry: string;
}

/** One container for each app: the services are scoped to it, so two studios in one process share nothing. */
export function createContainer(parts: Parts): DependencyContainer {
  const container = root.createChildContainer();
  container.register(CONFIG, { useValue: parts.config });
  container.register(LOGGER, { useValue: parts.logger });
  container.register(DATA_SOURCE, { useValue: parts.dataSource });
  container.register(PLUGINS, { useValue: parts.plugins });
  container.register(TRACER, { useValue: parts.tracer });
  container.register(TRAINER_ENTRY, { useValue: parts.trainerEntry });
  const accessTokens = new AccessTokens(parts.jwtSecret, parts.config.accessTokenTtl);
  container.register(ACCESS_TOKENS, { useValue: accessTokens });
  container.register(LOGIN_FLOWS, { useValue: new LoginFlows(parts.jwtSecret) });
  container.register(JOB_HANDLER, { useClass: GenerateHandler });
  container.register(JOB_HANDLER, { useClass: SampleHandler });
  container.register(JOB_HANDLER, { useClass: ImputeHandler });
  container.register(JOB_HANDLER, { useClass: EvaluateHandler });
  return container;
}
