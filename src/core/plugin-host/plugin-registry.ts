import {
  type AnyEvaluatorPlugin,
  type AnyGeneratorPlugin,
  type PluginPackage,
  RECOMMENDED_PURPOSES,
} from '../plugin-api/index.js';
import { PluginLoadError } from './plugin-load-error.js';

export type LoadedPlugin<Plugin> = Plugin & {
  /** The package that brought the plugin: kept with every model, as part of its lineage. */
  readonly package: { readonly name: string; readonly version: string };
};

export type LoadedGenerator = LoadedPlugin<AnyGeneratorPlugin>;
export type LoadedEvaluator = LoadedPlugin<AnyEvaluatorPlugin>;

/** All loaded plugins, in the order of loading, but that recommended generators come first; frozen. */
export interface PluginRegistry {
  readonly generators: readonly LoadedGenerator[];
  readonly evaluators: readonly LoadedEvaluator[];
  /** Undefined when no loaded plugin has the id. */
  generator(id: string): LoadedGenerator | undefined;
  evaluator(id: string): LoadedEvaluator | undefined;
}

/** @throws {@link PluginLoadError} naming both packages, when two generators or two evaluators have one id. */
export function createRegistry(packages: readonly PluginPackage[]): PluginRegistry {
  const generators = new Map<string, LoadedGenerator>();
  const evaluators = new Map<string, LoadedEvaluator>();
  for (const pkg of packages) {
    for (const plugin of pkg.contributions) {
      if (plugin.kind === 'generator') register(generators, plugin, pkg);
      else register(evaluators, plugin, pkg);
    }
  }
  return Object.freeze({
    generators: Object.freeze([...generators.values()].toSorted((a, b) => placeOf(a) - placeOf(b))),
    evaluators: Object.freeze([...evaluators.values()]),
    generator: (id: string) => generators.get(id),
    evaluator: (id: string) => evaluators.get(id),
  });
}

/** By what it is recommended for; those that are not come last. */
function placeOf({ recommendation }: AnyGeneratorPlugin): number {
  return recommendation === undefined
    ? RECOMMENDED_PURPOSES.length
    : RECOMMENDED_PURPOSES.indexOf(recommendation.purpose);
}

function register<Plugin extends AnyGeneratorPlugin | AnyEvaluatorPlugin>(
  plugins: Map<string, LoadedPlugin<Plugin>>,
  plugin: Plugin,
  { name, version }: PluginPackage,
): void {
  const taken = plugins.get(plugin.id);
  if (taken) {
    throw new PluginLoadError(
      name,
      `the ${plugin.kind} id "${plugin.id}" is taken by the package "${taken.package.name}"`,
    );
  }
  // The plugin stays its own prototype, so that methods of a class instance keep working.
  const loaded = Object.create(plugin, { package: { value: Object.freeze({ name, version }), enumerable: true } });
  plugins.set(plugin.id, Object.freeze(loaded) as LoadedPlugin<Plugin>);
}
