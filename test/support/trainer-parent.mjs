// A worker that dies: starts a trainer that does as it is told, tells its process id once it is at work, and waits to be killed.
import { fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
const trainer = fork(fileURLToPath(new URL('trainer-entry.mjs', import.meta.url)), { serialization: 'advanced' });
const order = { task: { kind: 'generate', behaviour: process.argv[2] }, scratch: folder, checkpointFolder: folder };
trainer.send({ type: 'run', order });
trainer.on('message', ({ type }) => {
  if (type === 'progress') process.stdout.write(`${trainer.pid}\n`);
});
