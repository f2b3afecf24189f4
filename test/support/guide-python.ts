import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { restoreIndentation } from './guide-indentation.js';

const run = promisify(execFile);
const PACKAGES = ['requests==2.34.2', 'websockets==17.4', 'standardwebhooks==1.1.0'];
const venv = fileURLToPath(new URL('../../node_modules/.cache/guide-python', import.meta.url));
const harness = readFileSync(new URL('guide_harness.py', import.meta.url), 'utf8');

/**
 * A python3 with what the guide's snippets import, in a virtual environment of the tests' own. `GUIDE_PYTHON` names
 * one that has it already.
 */
export async function findPython(): Promise<string> {
  const given = process.env['GUIDE_PYTHON'];
  if (given !== undefined) return given;
  const python = join(venv, 'bin', 'python');
  const stamp = join(venv, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === PACKAGES.join(' ')) return python;
  try {
    await run('python3', ['-m', 'venv', '--clear', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    throw new Error(
      `The guide's Python snippets need python3 with venv, and ${PACKAGES.join(' and ')} from PyPI. Where pip cannot ` +
        `reach an index, set GUIDE_PYTHON to a python that has them.\n${stderr || message}`,
      { cause: error },
    );
  }
  await writeFile(stamp, PACKAGES.join(' '));
  return python;
}

export interface PythonRun {
  readonly python: string;
  /** Where the script runs: the files that the guide names lie there. */
  readonly cwd: string;
  /** Of the guide: defines `SynthStudioClient`. */
  readonly client: string;
  readonly snippet: string;
  /** Ours: what the guide takes to be there already. */
  readonly before?: string;
  /** Ours: an expression of what the snippet made of it. */
  readonly outcome: string;
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** Runs a snippet as printed, but for its indentation, and gives the outcome as JSON. */
export async function runPython({ python, cwd, client, snippet, before, outcome, placeholders }: PythonRun) {
  const script = [
    restoreIndentation(client),
    harness,
    `PLACEHOLDERS.update(${JSON.stringify(placeholders ?? {})})`,
    before ?? '',
    restoreIndentation(snippet),
    `print("\\n" + json.dumps(${outcome}))`,
  ].join('\n\n');
  const path = join(cwd, 'snippet.py');
  await writeFile(path, script);
  const { stdout } = await run(python, [path], { cwd, timeout: 280_000, maxBuffer: 64 * 1024 ** 2 });
  const lines = stdout.trimEnd().split('\n');
  return { printed: lines.slice(0, -1), outcome: JSON.parse(lines.at(-1)!) as never };
}
