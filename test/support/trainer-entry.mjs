// A trainer program over the sources, so that the tests of the worker need no build: Node strips the types itself.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return nextResolve(source.href, context);
    }
    return nextResolve(specifier, context);
  },
});

const { runTrainer } = await import('../../src/core/jobs/trainer-process.ts');
const { tasks } = await import('./trainer-tasks.ts');
await runTrainer({ tasks: { generate: tasks, sample: tasks, evaluate: tasks } });
