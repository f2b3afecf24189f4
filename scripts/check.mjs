// npm test: everything that CI checks. Ends with `N passed, N failed`, and non-zero when anything failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'studio-check-'));
let passed = 0;
let failed = 0;

check('format', ['prettier', '--check', '--log-level', 'warn', '.']);
check('lint', ['oxlint', '--deny-warnings', '--quiet']);
check('types', ['tsc', '-p', 'tsconfig.json', '--noEmit']);
check('import rules', ['node', 'scripts/check-imports.mjs']);
check('generated files', ['node', 'scripts/generate.mjs', '--check']);
tests();

rmSync(scratch, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function check(name, command) {
  const { status } = spawnSync('npx', ['--no-install', ...command], { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${name}`);
  if (status === 0) passed++;
  else failed++;
}

function tests() {
  const report = join(scratch, 'vitest.json');
  const args = [
    '--no-install',
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { status } = spawnSync('npx', args, { stdio: 'inherit' });
  try {
    const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests;
    // A test that neither passed nor failed did not run: nothing is skipped in silence.
    failed += numTotalTests - numPassedTests - numFailedTests;
  } catch {
    failed++;
  }
  // A file that cannot be loaded fails the run without a failed test.
  if (status !== 0 && failed === 0) failed++;
}
