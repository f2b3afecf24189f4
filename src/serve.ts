import 'reflect-metadata';
import { createApi } from './api.js';
import { readConfig } from './core/app/config.js';
import { runProgram } from './core/app/program.js';
import { Studio } from './core/app/studio.js';
import { trainerEntry } from './trainer-entry.js';
import { builtInPlugins } from './plugins/index.js';

/** The api program; with STUDIO_ROLE=all, the default, it is the worker too. */
await runProgram(async () => {
  const config = readConfig(process.env);
  const studio = await Studio.open({ config, builtIn: builtInPlugins, trainerEntry });
  if (config.role !== 'worker') {
    const app = await createApi(studio);
    const url = await app.listen({ port: config.port, host: config.host });
    process.stdout.write(`Synthetic Data Studio listens on ${url}\n`);
  }
  return studio;
});
