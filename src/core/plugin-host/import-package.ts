import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginLoadError } from './plugin-load-error.js';

/**
 * Imports the default export of a plugin package.
 * @param origin a package name, looked up in `node_modules` from the working folder upwards; or a folder or a file.
 */
export async function importPackage(origin: string, workingFolder: string = process.cwd()): Promise<unknown> {
  const entry = locate(origin, workingFolder);
  try {
    const module = (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw new PluginLoadError(origin, `importing it failed: ${(error as Error).message}`, { cause: error });
  }
}

function locate(origin: string, workingFolder: string): string {
  const path = resolve(workingFolder, origin);
  if (existsSync(path)) return statSync(path).isDirectory() ? entryOf(path, origin) : path;
  for (let folder = resolve(workingFolder); ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules', origin);
    if (existsSync(join(installed, 'package.json'))) return entryOf(installed, origin);
    if (folder === dirname(folder)) break;
  }
  throw new PluginLoadError(origin, 'there is no such folder, and no such package is installed');
}

function entryOf(folder: string, origin: string): string {
  const manifestPath = join(folder, 'package.json');
  const manifest = existsSync(manifestPath) ? parseManifest(manifestPath, origin) : {};
  const entry = join(folder, rootExport(manifest.exports) ?? manifest.main ?? 'index.js');
  if (!existsSync(entry)) throw new PluginLoadError(origin, `its entry file ${entry} does not exist (is it built?)`);
  return entry;
}

interface Manifest {
  readonly exports?: unknown;
  readonly main?: string;
}

function parseManifest(path: string, origin: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (error) {
    throw new PluginLoadError(origin, `its package.json cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The file that the conditions `import` and `default` of the root export name. */
function rootExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Record<string, unknown>;
  return rootExport(conditions['.'] ?? conditions.import ?? conditions.default);
}
