import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

export interface PythonNeeds {
  /** Of the environment; in capitals and with `_PYTHON` after it, the variable that names a python which has it all. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What needs them. */
  readonly purpose: string;
}

/** A python3 with some packages, in a virtual environment of the tests' own, which is kept for the next run. */
export async function findPythonWith({ name, packages, purpose }: PythonNeeds): Promise<string> {
  const variable = `${name.toUpperCase()}_PYTHON`;
  const given = process.env[variable];
  if (given !== undefined) return given;
  const digest = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  const venv = join(cache, `${name}-python-${digest}`);
  if (!existsSync(venv)) {
    await install(venv, packages).catch((error: Error & { stderr?: string }) => {
      throw new Error(
        `${purpose} need python3 with venv, and ${packages.join(' and ')} from PyPI. Where pip cannot reach an index, ` +
          `set ${variable} to a python that has them.\n${error.stderr || error.message}`,
        { cause: error },
      );
    });
  }
  return join(venv, 'bin', 'python');
}

/** In a folder of its own until it is whole: another test file may be about the same. */
async function install(venv: string, packages: readonly string[]): Promise<void> {
  const draft = `${venv}.${process.pid}`;
  const python = join(draft, 'bin', 'python');
  await run('python3', ['-m', 'venv', '--clear', draft]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  await rename(draft, venv).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!existsSync(venv)) throw error;
  });
}
