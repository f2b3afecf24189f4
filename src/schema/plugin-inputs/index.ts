import type { PluginRegistry } from '../../core/plugin-host/index.js';
import type { Builder } from '../builder.js';
import { addOneOfPlugins } from './one-of-plugins.js';

/** The inputs that depend on what is loaded. */
export function addPluginInputs(builder: Builder, plugins: PluginRegistry) {
  return {
    generatorConfig: addOneOfPlugins(
      builder,
      'GeneratorConfigInput',
      'One generator, with its settings; `{}` takes the defaults.',
      { plugins: plugins.generators, suffix: 'Config' },
    ),
    evaluatorConfig: addOneOfPlugins(
      builder,
      'EvaluatorConfigInput',
      'One evaluator, with its settings; `{}` takes the defaults.',
      { plugins: plugins.evaluators, suffix: 'EvaluatorConfig' },
    ),
  };
}

export type PluginInputs = ReturnType<typeof addPluginInputs>;
