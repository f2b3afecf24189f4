import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../support/program.js';

/** The package `sqlite3` is optional: where it could not be installed, all goes on with the SQLite of Node. */
describe('a clone on a machine that cannot have sqlite3', () => {
  let clone: string;

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'without-sqlite3-'));
    for (const name of ['src', 'scripts', 'assets', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
      cpSync(name, join(clone, name), { recursive: true });
    }
    mkdirSync(join(clone, 'node_modules'));
    for (const name of readdirSync('node_modules')) {
      if (name === 'sqlite3') continue;
      symlinkSync(join(process.cwd(), 'node_modules', name), join(clone, 'node_modules', name));
    }
  });
  afterAll(() => rmSync(clone, { recursive: true }));

  it('builds, starts, says so and answers', async () => {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: clone, stdio: 'pipe' });
    const program = await Program.start({ clone, dataDir: join(clone, 'data'), env: { LOG_LEVEL: 'info' } });
    try {
      expect((await fetch(`${program.url}/health/ready`)).status).toBe(200);
      expect(program.output.join('\n')).toContain('using the SQLite that comes with Node instead');
    } finally {
      await program.stop();
    }
  });
});
