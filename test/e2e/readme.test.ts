import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../support/program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the README', () => {
  let dataDir: string;
  let program: Program;
  let snippets: string[];
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'studio-readme-'));
    program = await Program.start({ dataDir });
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    snippets = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, snippet]) => snippet!);
  });
  afterAll(async () => {
    await program.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** As printed, in one shell, but for the port: the tests take a free one. */
  async function run(...texts: readonly string[]): Promise<string[]> {
    const script = texts.map((text) => snippets.find((snippet) => snippet.includes(text))).join('\n');
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-euc', script.replaceAll('http://127.0.0.1:8000', program.url)],
      {
        cwd: root,
      },
    );
    return stdout.split(/(?<=\})\s*(?=\{)/);
  }

  it('has a first query and a first call that work as printed', async () => {
    const answers = await run('generatorTypes', '/datasets/upload');
    expect(answers).toEqual([
      expect.stringContaining('"register"'),
      expect.stringContaining('"id":"gaussian-copula"'),
      expect.stringContaining('"row_count":32561'),
    ]);
  });
});
