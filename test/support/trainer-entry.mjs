// A trainer program over the sources, so that the tests of the worker need no build.
await import('./typescript-hooks.mjs');
const { runTrainer } = await import('../../src/core/jobs/trainer-process.ts');
const { tasks } = await import('./trainer-tasks.ts');
await runTrainer({ tasks: { generate: tasks, sample: tasks, impute: tasks, evaluate: tasks } });
