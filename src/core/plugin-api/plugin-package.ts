import type { DatasetProfile, TableSchema } from './tables.js';
import type { GeneratorPlugin, GeneratorRuntime, PreflightIssue } from './generator.js';
import type { EvaluatorPlugin, EvaluatorRuntime } from './evaluator.js';

export const PLUGIN_API_VERSION = '1.0.0';

// The type of a config is invariant, so the registry holds plugins with it erased.
export type AnyGeneratorPlugin = Omit<GeneratorPlugin, 'preflight' | 'loadRuntime'> & {
  preflight?(schema: TableSchema, profile: DatasetProfile | null, config: never): readonly PreflightIssue[];
  loadRuntime(): Promise<GeneratorRuntime<never>>;
};
export type AnyEvaluatorPlugin = Omit<EvaluatorPlugin, 'loadRuntime'> & {
  loadRuntime(): Promise<EvaluatorRuntime<never>>;
};

/** What a plugin package exports as its default. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  /** Semver range of {@link PLUGIN_API_VERSION}. */
  readonly apiVersion: string;
  readonly contributions: readonly (AnyGeneratorPlugin | AnyEvaluatorPlugin)[];
}

export function definePluginPackage(pkg: PluginPackage): PluginPackage {
  return pkg;
}
