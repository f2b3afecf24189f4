import type { PluginPackage } from '../plugin-api/index.js';
import { checkPackage } from './check-package.js';
import { importPackage } from './import-package.js';
import { createRegistry, type PluginRegistry } from './plugin-registry.js';

export interface LoadPluginsOptions {
  readonly builtIn: readonly PluginPackage[];
  /** Names of installed packages, or folders. */
  readonly extra: readonly string[];
  /** Where relative folders and `node_modules` are looked for; the process's own by default. */
  readonly workingFolder?: string;
}

/**
 * Loads the light half of every plugin.
 * @throws PluginLoadError for the first package that is not as it must be.
 */
export async function loadPlugins({ builtIn, extra, workingFolder }: LoadPluginsOptions): Promise<PluginRegistry> {
  const packages = builtIn.map((pkg) => checkPackage(pkg, pkg?.name ?? 'built-in'));
  for (const origin of extra) packages.push(checkPackage(await importPackage(origin, workingFolder), origin));
  return createRegistry(packages);
}
