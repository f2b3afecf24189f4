import { configJsonSchema, type PluginRegistry } from '../core/plugin-host/index.js';
import { evaluatorConfig, evaluatorId } from './evaluation.view.js';
import { generatorConfig, generatorType } from './generator.view.js';
import type { JsonSchema } from './json-schema.js';

type Components = Record<string, JsonSchema>;
/** A schema as the document shows it: titled parts are named components, and configs are those of the loaded plugins. */
export type ShowSchema = (schema: JsonSchema) => JsonSchema;

export function createComponents(plugins: PluginRegistry): {
  readonly show: ShowSchema;
  readonly components: Components;
} {
  const components: Components = {};
  const shown = new Map<unknown, JsonSchema>([
    [generatorType, { ...generatorType, enum: plugins.generators.map(({ id }) => id) }],
    [evaluatorId, { ...evaluatorId, enum: plugins.evaluators.map(({ id }) => id) }],
    [generatorConfig, configsOf(plugins.generators, 'Config', components, generatorConfig)],
    [evaluatorConfig, configsOf(plugins.evaluators, 'EvaluatorConfig', components, evaluatorConfig)],
  ]);
  const show = (schema: unknown): unknown => {
    const known = shown.get(schema);
    if (known !== undefined) return known;
    if (Array.isArray(schema)) return schema.map(show);
    if (typeof schema !== 'object' || schema === null) return schema;
    const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, show(value)]));
    const { title } = parts;
    if (typeof title !== 'string' || title === 'Error') return parts;
    components[title] = parts;
    const reference = { $ref: `#/components/schemas/${title}` };
    shown.set(schema, reference);
    return reference;
  };
  return { show: show as ShowSchema, components };
}

type Configurable = Parameters<typeof configJsonSchema>[0] & { readonly id: string; readonly title: string };

function configsOf(
  plugins: readonly Configurable[],
  suffix: string,
  components: Components,
  { description }: JsonSchema,
): JsonSchema {
  const references = plugins.map((plugin) => {
    const name = plugin.id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()) + suffix;
    const { $schema: _dialect, ...config } = configJsonSchema(plugin);
    components[name] = { title: plugin.title, ...config };
    return { $ref: `#/components/schemas/${name}` };
  });
  return { description, ...(references.length > 0 ? { anyOf: references } : { type: 'object' }) };
}
