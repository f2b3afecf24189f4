import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { restoreIndentation } from './guide-indentation.js';
import { findPythonWith } from './python.js';

const run = promisify(execFile);
const PACKAGES = ['requests==2.34.2', 'httpx==0.28.1', 'websockets==17.4', 'standardwebhooks==1.1.0'];
const harness = readFileSync(new URL('guide_harness.py', import.meta.url), 'utf8');

/** A python3 with what the guide's snippets import. `GUIDE_PYTHON` names one that has it already. */
export function findPython(): Promise<string> {
  return findPythonWith({ name: 'guide', packages: PACKAGES, purpose: "The guide's Python snippets" });
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
