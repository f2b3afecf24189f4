import semver from 'semver';
import { PLUGIN_API_VERSION, type PluginPackage } from '../plugin-api/index.js';
import { checkContribution } from './check-contribution.js';
import { PluginLoadError } from './plugin-load-error.js';

/** Checks what a package exports as its default; `origin` is what the operator asked for and names it in errors. */
export function checkPackage(exported: unknown, origin: string): PluginPackage {
  if (typeof exported !== 'object' || exported === null) {
    throw new PluginLoadError(origin, 'it has no default export made by definePluginPackage()');
  }
  const pkg = exported as Partial<PluginPackage>;
  if (!isText(pkg.name)) throw new PluginLoadError(origin, 'its default export has no "name"');
  const fail = (reason: string): never => {
    throw new PluginLoadError(pkg.name!, reason);
  };
  if (!semver.valid(pkg.version)) fail(`its version ${JSON.stringify(pkg.version)} is not a semantic version`);
  if (!isText(pkg.apiVersion) || semver.validRange(pkg.apiVersion) === null) {
    fail(`its apiVersion ${JSON.stringify(pkg.apiVersion)} is not a semantic version range`);
  }
  if (!semver.satisfies(PLUGIN_API_VERSION, pkg.apiVersion!)) {
    fail(`it needs plugin API ${pkg.apiVersion}, and this studio has ${PLUGIN_API_VERSION}`);
  }
  if (!Array.isArray(pkg.contributions) || pkg.contributions.length === 0) fail('it has no contributions');
  for (const contribution of pkg.contributions!) checkContribution(contribution, fail);
  return pkg as PluginPackage;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
