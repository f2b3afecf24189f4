import 'reflect-metadata';
import { readConfig } from './core/app/config.js';
import { runProgram } from './core/app/program.js';
import { Studio } from './core/app/studio.js';
import { builtInPlugins } from './plugins/index.js';
import { trainerEntry } from './trainer-entry.js';

/** The worker alone: takes jobs that an api process accepted. */
await runProgram(async () => {
  const config = readConfig({ ...process.env, STUDIO_ROLE: 'worker' });
  const studio = await Studio.open({ config, builtIn: builtInPlugins, trainerEntry });
  process.stdout.write('Synthetic Data Studio: the worker waits for jobs\n');
  return studio;
});
