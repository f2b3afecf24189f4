import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/random.js';
import { Client, Program } from '../support/program.js';

const ROUNDS = 4;
const program = fileURLToPath(new URL('../../dist/verify-audit.js', import.meta.url));
let dataDir: string;
let studio: Program | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'studio-audit-'));
});
afterEach(async () => {
  await studio?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<Client> {
  studio = await Program.start({ dataDir, env: { ADMIN_EMAIL: 'a@example.com', ADMIN_PASSWORD: 'an-administrator' } });
  return new Client(studio.url, 'a@example.com', 'an-administrator').login();
}

/** `npm run audit:verify` with what it would be given. */
function verify(): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const env = { ...process.env, DATA_DIR: dataDir };
    execFile(process.execPath, [program], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

describe('the audit trail and kill -9', () => {
  it(`of ${ROUNDS} kills at random moments leave no change without an entry, and a chain that holds`, async () => {
    const random = new RandomStream(20261124, 'audit kills');
    for (let round = 0; round < ROUNDS; round++) {
      const client = await start();
      let left = 1 + random.nextInteger(10);
      const uploads = Array.from({ length: 20 }, async (_, i) => {
        const answered = await client.upload(`a,b\n${i},x\n2,y\n`, `round-${round}-${i}.csv`).catch(() => null);
        if (answered !== null && --left === 0) await studio!.kill();
      });
      await Promise.all(uploads);
    }
    const client = await start();
    const made: unknown[] = await client.call('GET', '/datasets/?limit=1000');
    const search = '/audit-logs?limit=1000&action=POST%20/datasets/upload';
    const entries: { details: { status_code: number | null } }[] = await client.call('GET', search);
    const committed = entries.filter(({ details }) => details.status_code === 201 || details.status_code === null);
    expect(made.length).toBeGreaterThan(0);
    expect(committed.length).toBe(made.length);
    expect(await client.call('GET', '/audit-logs/verify')).toMatchObject({ valid: true });
  }, 120_000);
});

describe('npm run audit:verify', () => {
  it('says that the chain holds, while the studio runs and afterwards, and what is wrong otherwise', async () => {
    await start();
    expect(await verify()).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^The audit trail holds: \d+ entr/),
    });
    await studio!.stop();
    expect(await verify()).toMatchObject({ code: 0, output: expect.stringMatching(/holds: 1 entries/) });
    const database = new DatabaseSync(join(dataDir, 'studio.db'));
    database.exec(`UPDATE audit_entry SET address = '192.0.2.1'`);
    database.close();
    const { code, output } = await verify();
    expect([code, output]).toEqual([1, expect.stringMatching(/^Entry 1 was altered/)]);
  });

  it('ends with a line where there is no trail', async () => {
    expect(await verify()).toEqual({ code: 2, output: `DATA_DIR: there is no database in ${dataDir}\n` });
  });
});
