import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = createRequire(import.meta.url);

/**
 * Runs a snippet as printed. It mixes `require` with `await` outside of any function, which no file may do, so it is
 * the body of an asynchronous function; `outcome` is the expression of what it made.
 */
export async function runNode(cwd: string, snippet: string, outcome: string): Promise<never> {
  const resolved = Object.fromEntries(['axios', 'form-data'].map((name) => [name, here.resolve(name)]));
  const path = join(cwd, 'snippet.cjs');
  await writeFile(
    path,
    `const found = ${JSON.stringify(resolved)};
(async (require) => {
${snippet}
;return ${outcome};
})((name) => require(found[name] ?? name)).then(
  (outcome) => console.log(JSON.stringify(outcome)),
  (error) => { console.error(error.response?.data ?? error); process.exit(1); },
);
`,
  );
  const { stdout } = await run(process.execPath, [path], { cwd, timeout: 120_000 });
  return JSON.parse(stdout) as never;
}
