import { type ConfigJsonSchema, configJsonSchema } from '../../core/plugin-host/index.js';
import type { AnyEvaluatorPlugin, AnyGeneratorPlugin } from '../../core/plugin-api/index.js';
import type { Builder } from '../builder.js';
import { camelCase } from '../errors/field-names.js';
import { addConfigInput, type ConfigInput } from './config-input.js';

type AnyPlugin = AnyGeneratorPlugin | AnyEvaluatorPlugin;

/** A plugin that was chosen by the member of the input that is set, with its config as the plugin writes it. */
export interface PluginChoice {
  readonly id: string;
  readonly config: unknown;
  /** What the caller wrote: `dpCtgan` for `dp-ctgan`. */
  readonly member: string;
}

/** What the member of a plugin is called. */
export function memberName(id: string): string {
  return camelCase(id);
}

/** A `@oneOf` input with a member for each loaded plugin, third-party ones too, built from its config schema. */
export function addOneOfPlugins(
  builder: Builder,
  name: string,
  description: string,
  { plugins, suffix }: { readonly plugins: readonly AnyPlugin[]; readonly suffix: string },
) {
  const members = new Map<string, { plugin: AnyPlugin; input: ConfigInput }>();
  for (const plugin of plugins) {
    const member = memberName(plugin.id);
    const other = members.get(member)?.plugin;
    if (other !== undefined) {
      throw new Error(`The ${plugin.kind}s "${other.id}" and "${plugin.id}" are both "${member}" in GraphQL`);
    }
    const typeName = `${member[0]!.toUpperCase()}${member.slice(1)}${suffix}`;
    const schema: ConfigJsonSchema = configJsonSchema(plugin);
    members.set(member, { plugin, input: addConfigInput(builder, typeName, plugin.description, schema) });
  }
  const type = builder.inputType(name, {
    description,
    isOneOf: true,
    fields: (t) =>
      Object.fromEntries(
        [...members].map(([member, { plugin, input }]) => [
          member,
          t.field({ type: input.type as never, required: false, description: plugin.title }),
        ]),
      ),
  });
  const choose = (value: unknown): PluginChoice => {
    const [member, config] = Object.entries(value as Record<string, unknown>)[0]!;
    const { plugin, input } = members.get(member)!;
    return { id: plugin.id, config: input.toConfig(config), member };
  };
  return { type, choose };
}
