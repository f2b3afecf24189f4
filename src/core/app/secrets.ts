import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The signing key: given, or made at the first start and kept, readable by the owner alone. */
export async function jwtSecret(given: string | undefined, dataDir: string): Promise<Uint8Array> {
  if (given !== undefined) return new TextEncoder().encode(given);
  const folder = join(dataDir, 'secrets');
  const path = join(folder, 'jwt');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(randomBytes(48).toString('base64url'));
    await file.sync();
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return new TextEncoder().encode(await readFile(path, 'utf8'));
}
