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

  /** As printed, but for the port: the tests take a free one. */
  async function run(snippet: string | undefined): Promise<string> {
    const script = snippet!.replaceAll('http://127.0.0.1:8000', program.url);
    const { stdout } = await promisify(execFile)('sh', ['-euc', script], { cwd: root });
    return stdout;
  }

  it('has a first GraphQL query that works as printed', async () => {
    const snippet = snippets.find((text) => text.includes('generatorTypes'));
    const answer = JSON.parse(await run(snippet)) as { data: { generatorTypes: { id: string }[] } };
    expect(answer.data.generatorTypes.map(({ id }) => id)).toContain('gaussian-copula');
  });

  it('has a first REST call that works as printed', async () => {
    const snippet = snippets.find((text) => text.includes('/datasets/upload'));
    expect(await run(snippet)).toContain('"row_count":32561');
  });
});
