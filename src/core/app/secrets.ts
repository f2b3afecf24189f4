import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from './ids.js';

/** The signing key of tokens: given, or made at the first start and kept. */
export async function jwtSecret(given: string | undefined, dataDir: string): Promise<Uint8Array> {
  return new TextEncoder().encode(given ?? (await keptSecret(dataDir, 'jwt')));
}

/** 48 random bytes in base64url, made when they are first asked for and kept in DATA_DIR, readable by the owner alone. */
export async function keptSecret(dataDir: string, name: string): Promise<string> {
  const folder = join(dataDir, 'secrets');
  const path = join(folder, name);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await makeSecret(path);
  return readFile(path, 'utf8');
}

async function makeSecret(path: string): Promise<void> {
  const made = `${path}.${newId()}`;
  try {
    await using file = await open(made, 'wx', 0o600);
    await file.writeFile(randomBytes(48).toString('base64url'));
    await file.sync();
    // Another may make one at the same moment: the first that is in place, whole, is everybody's.
    await link(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(made, { force: true });
  }
}
