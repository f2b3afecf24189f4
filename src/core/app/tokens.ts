import type { Logger } from 'pino';
import type { InjectionToken } from 'tsyringe';
import type { DataSource } from 'typeorm';
import type { AccessTokens } from '../auth/access-tokens.js';
import type { StudioConfig } from './config.js';
import type { JobHandler } from '../jobs/job-handler.js';
import type { PluginRegistry } from '../plugin-host/index.js';
import type { LoginFlows } from '../sso/login-flow.js';
import type { Tracer } from '../telemetry/tracer.js';

// Values and interfaces have no class to inject by; each gets a token here.
export const CONFIG: InjectionToken<StudioConfig> = Symbol('StudioConfig');
export const LOGGER: InjectionToken<Logger> = Symbol('Logger');
export const DATA_SOURCE: InjectionToken<DataSource> = Symbol('DataSource');
export const TRACER: InjectionToken<Tracer> = Symbol('Tracer');
export const PLUGINS: InjectionToken<PluginRegistry> = Symbol('PluginRegistry');
export const JOB_HANDLER: InjectionToken<JobHandler> = Symbol('JobHandler');
export const ACCESS_TOKENS: InjectionToken<AccessTokens> = Symbol('AccessTokens');
export const LOGIN_FLOWS: InjectionToken<LoginFlows> = Symbol('LoginFlows');
/** Path of the built trainer program, which the worker starts for each run. */
export const TRAINER_ENTRY: InjectionToken<string> = Symbol('TrainerEntry');
