import { invalid, StudioError } from '../../errors/index.js';
import type { AnyGeneratorPlugin } from '../../plugin-api/index.js';
import { parseConfig, type PluginRegistry } from '../../plugin-host/index.js';
import { applyOverrides, type ColumnPlan, proposePlan, TableError } from '../../tables/index.js';
import { FILE_FORMAT, FILE_VERSION, type ModelManifest, manifestSchema } from './manifest.js';

export interface CheckedManifest {
  readonly manifest: ModelManifest;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Believes nothing that a manifest says before it fits what is loaded here. Throws what the importer may hear. */
export function checkManifest(text: string, plugins: PluginRegistry): CheckedManifest {
  const raw = parseJson(text) as Partial<Record<keyof ModelManifest, unknown>> | null;
  if (raw?.format !== FILE_FORMAT) throw new StudioError('unsupported_format', 'The file is not a model of a studio');
  if (typeof raw.formatVersion === 'number' && raw.formatVersion > FILE_VERSION) {
    throw unfit(`It was written by a newer studio (file version ${raw.formatVersion}; this one reads ${FILE_VERSION})`);
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw broken(`manifest.json: ${issue!.path.join('.')}: ${issue!.message}`);
  }
  const manifest = parsed.data;
  const plugin = pluginOf(manifest, plugins);
  if (manifest.summary.privacySpent !== null && plugin.capabilities.differentialPrivacy === null) {
    throw broken(`It claims differential privacy, which "${plugin.id}" does not have`);
  }
  checkColumns(manifest, plugin);
  const config = parseConfig(plugin, manifest.config);
  if (!config.ok) throw broken(`config.${config.issues[0]!.field}: ${config.issues[0]!.message}`);
  return { manifest, config: config.config as Record<string, unknown> };
}

function pluginOf({ plugin: { id, artefactVersion } }: ModelManifest, plugins: PluginRegistry): AnyGeneratorPlugin {
  const plugin = plugins.generator(id);
  if (plugin === undefined) throw unfit(`Its generator plugin "${id}" is not loaded here`);
  if (plugin.artefactVersion === artefactVersion) return plugin;
  const age = artefactVersion > plugin.artefactVersion ? 'a newer' : 'an older';
  const versions = `artefact version ${artefactVersion}; this studio reads ${plugin.artefactVersion}`;
  throw unfit(`It was saved by ${age} "${id}" (${versions})`);
}

function checkColumns({ table }: ModelManifest, { capabilities, id }: AnyGeneratorPlugin): void {
  const unknown = planOf(table).columns.find(
    ({ role, schema }) => role === 'learned' && !capabilities.columnKinds.includes(schema.kind),
  );
  if (unknown !== undefined) throw broken(`"${id}" learns no ${unknown.schema.kind} columns`);
}

function planOf({ description, overrides }: ModelManifest['table']): ColumnPlan {
  try {
    return applyOverrides(proposePlan(description), overrides);
  } catch (error) {
    throw error instanceof TableError ? broken(error.message) : error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken('manifest.json is no JSON');
  }
}

function broken(what: string): StudioError {
  return invalid({ field: 'file', message: `The model was altered or damaged: ${what}`, code: 'invalid_format' });
}

/** Whole, but not for this studio. */
function unfit(what: string): StudioError {
  return invalid({ field: 'file', message: `The model cannot be used here: ${what}`, code: 'invalid_choice' });
}
