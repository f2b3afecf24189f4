import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const check = new URL('../../scripts/check-imports.mjs', import.meta.url).pathname;

describe('the import rules', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'imports-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function violations(file: string, source: string): Promise<string> {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), source);
    return run(process.execPath, [check, root]).then(
      () => '',
      (error: { stderr: string }) => error.stderr.trim(),
    );
  }

  it('hold in this repository', async () => {
    await expect(run(process.execPath, [check])).resolves.toMatchObject({ stderr: '' });
  });

  it.each([
    ['src/core/datasets/a.ts', "import { x } from '../../rest/x.js';", 'core imports no door'],
    ['src/core/datasets/a.ts', "const x = await import('../../plugins/ctgan/index.js');", 'core imports no door'],
    ['src/core/datasets/a.ts', "import fastify from 'fastify';", 'core speaks no HTTP'],
    ['src/rest/a.ts', "export * from '../schema/x.js';", 'the doors never meet'],
    ['src/schema/a.ts', "import type { X } from '../rest/x.js';", 'the doors never meet'],
    ['src/schema/a.ts', "import { DataSource } from 'typeorm';", 'the database is reached from core alone'],
    ['src/plugins/ctgan/a.ts', "import { x } from '../../core/tables/index.js';", 'the public plugin API alone'],
    ['src/plugins/ctgan/a.ts', "import { x } from '../fidelity/x.js';", 'the public plugin API alone'],
    ['src/plugins/ctgan/a.ts', "import * as tf from '@tensorflow/tfjs-core';", 'tensor libraries'],
    ['src/core/persistence/a.ts', "import type { Database } from 'sqlite3';", 'an optional package'],
    ['src/core/plugin-api/a.ts', "import '../errors/index.js';", 'imports nothing of the studio'],
  ])('catch, planted in %s: %s', async (file, source, rule) => {
    expect(await violations(file, source)).toContain(rule);
  });

  it.each([
    ['src/plugins/ctgan/a.ts', "import { x } from '../../core/plugin-api/index.js';\nimport { z } from 'zod';"],
    ['src/rest/a.ts', "import { x } from '../core/datasets/x.js';\nimport Fastify from 'fastify';"],
    ['src/core/persistence/a.ts', "import { DataSource } from 'typeorm';"],
  ])('allow, in %s, what a layer is for', async (file, source) => {
    expect(await violations(file, source)).toBe('');
  });
});
