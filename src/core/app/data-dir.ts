import { mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { ConfigError } from './config.js';

/** Makes DATA_DIR where it is missing and proves that it can be written to. */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    const probe = join(path, `.probe-${process.pid}`);
    await using file = await open(probe, 'w');
    await file.writeFile('probe');
    await rm(probe, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      { EACCES: 'permission denied', EROFS: 'the file system is read-only', ENOSPC: 'no space left' }[code ?? ''] ??
      (error as Error).message;
    throw new ConfigError(`DATA_DIR: cannot write to ${path}: ${reason}`);
  }
}

/** Bytes that are free on the file system of DATA_DIR. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * Holds DATA_DIR for one process of a role: a second one would sweep away the scratch files of the first.
 * The file names the process; one that is no longer alive holds nothing.
 */
export async function lockDataDir(dataDir: string, role: 'api' | 'worker'): Promise<() => Promise<void>> {
  const path = join(dataDir, `${role}.lock`);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await using file = await open(path, 'wx');
      await file.writeFile(JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = parse(await readFile(path, 'utf8').catch(() => ''));
      if (holder !== null && holder.pid !== process.pid && isAlive(holder)) {
        throw new ConfigError(
          `DATA_DIR: ${dataDir} is in use by another studio (process ${holder.pid}): it takes one ${role}`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new ConfigError(`DATA_DIR: cannot lock ${path}`);
}

interface Holder {
  readonly pid: number;
  readonly started: string | null;
}

function parse(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // The number may have gone to another program since: where the system tells when a process started, that decides.
  return started === null || startOf(pid) === started;
}

/** When a process started, in clock ticks since the machine did; null where the system has no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
