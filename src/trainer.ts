import { keepCompiledCode } from './compile-cache.js';
import { readConfig } from './core/app/config.js';
import { runEvaluate } from './core/evaluations/evaluate.task.js';
import { runGenerate, runSample } from './core/generators/generate.task.js';
import { runImpute } from './core/generators/impute.task.js';
import { runTrainer } from './core/jobs/trainer-process.js';
import { loadPlugins } from './core/plugin-host/index.js';
import { builtInPlugins } from './plugins/index.js';

// The tensor libraries are loaded later, when a task asks for them.
keepCompiledCode();

/** The trainer program: one run of one task, then the process ends and gives its memory back. */
const config = readConfig(process.env);

async function host() {
  return {
    plugins: await loadPlugins({ builtIn: builtInPlugins, extra: config.plugins }),
    createCompute: async () => {
      const { createCompute } = await import('./core/compute/index.js');
      return createCompute(config.compute);
    },
  };
}

await runTrainer({
  tasks: {
    generate: async (task, env) => runGenerate(task as never, env, await host()),
    sample: async (task, env) => runSample(task as never, env, await host()),
    impute: async (task, env) => runImpute(task as never, env, await host()),
    evaluate: async (task, env) => runEvaluate(task as never, env, await host()),
  },
});
