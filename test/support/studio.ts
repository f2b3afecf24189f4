import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { DependencyContainer } from 'tsyringe';
import { createApi } from '../../src/api.js';
import { readConfig } from '../../src/core/app/config.js';
import { Studio } from '../../src/core/app/studio.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { UNLIMITED } from './unlimited.js';

const trainerEntry = fileURLToPath(new URL('../../dist/trainer.js', import.meta.url));

export interface TestStudio {
  readonly app: FastifyInstance;
  readonly container: DependencyContainer;
  /** Of the listening server; empty when it does not listen. */
  readonly url: string;
  readonly dataDir: string;
  close(): Promise<void>;
}

/** The whole studio in this process, on a data folder of its own; its trainers are real processes of the built program. */
export async function startStudio(
  options: { readonly env?: Record<string, string>; readonly listen?: boolean | number } = {},
): Promise<TestStudio> {
  if (!existsSync(trainerEntry)) throw new Error('These tests start real trainers: run "npm run build" first');
  const dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'error', ...UNLIMITED, ...options.env });
  const studio = await Studio.open({ config, builtIn: builtInPlugins, trainerEntry });
  const app = await createApi(studio);
  const port = typeof options.listen === 'number' ? options.listen : 0;
  const url = options.listen ? await app.listen({ port, host: '127.0.0.1' }) : '';
  if (!options.listen) await app.ready();
  return {
    app,
    container: studio.container,
    url,
    dataDir,
    close: async () => {
      await studio.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
