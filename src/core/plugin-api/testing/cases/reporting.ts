import assert from 'node:assert/strict';
import type { FitSummary } from '../../generator.js';
import type { PrivacySpent, Progress } from '../../run-context.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness } from '../generator-harness.js';

export function reportingCases(harness: GeneratorHarness): ConformanceCase[] {
  return [
    {
      name: 'progress and summary hold finite numbers, and progress never falls within a phase',
      async run() {
        const seen: Progress[] = [];
        await harness.withModel({ onProgress: (progress) => seen.push(progress) }, async ({ summary }) => {
          seen.forEach((progress, k) => checkProgress(progress, seen[k - 1]));
          checkSummary(summary);
        });
      },
    },
    {
      name: 'the privacy budget is never exceeded, and claimed by none that has no mechanism for it',
      run: () => checkPrivacy(harness),
    },
    ...(harness.options.compute ? [tensorCase(harness)] : []),
  ];
}

function tensorCase(harness: GeneratorHarness): ConformanceCase {
  return {
    name: 'tensors balance: as many after dispose as before',
    async run() {
      // The first run may leave tensors that the compute keeps for good.
      await harness.withModel({}, (model) => harness.sample(model));
      const { tf } = (await harness.context()).compute;
      const before = tf.memory().numTensors;
      await harness.withModel({}, (model) => harness.sample(model));
      assert.equal(tf.memory().numTensors, before);
    },
  };
}

function checkProgress({ phase, completed, total, metrics = {} }: Progress, before: Progress | undefined): void {
  assert.ok(completed >= 0 && completed <= total && Number.isFinite(total), `${phase}: ${completed} of ${total}`);
  if (before?.phase === phase)
    assert.ok(completed >= before.completed, `${phase} fell from ${before.completed} to ${completed}`);
  for (const [name, value] of Object.entries(metrics))
    assert.ok(Number.isFinite(value), `${phase}: ${name} is ${value}`);
}

function checkSummary({ metrics, history = {} }: FitSummary): void {
  for (const [name, value] of Object.entries(metrics)) assert.ok(Number.isFinite(value), `${name} is ${value}`);
  const lengths = new Set(Object.values(history).map((values) => values.length));
  assert.ok(lengths.size <= 1, 'the curves of the history differ in length');
  for (const [name, values] of Object.entries(history))
    assert.ok(values.every(Number.isFinite), `${name} isn't finite`);
}

async function checkPrivacy(harness: GeneratorHarness): Promise<void> {
  const spent: PrivacySpent[] = [];
  const onProgress = ({ privacySpent }: Progress) => void (privacySpent && spent.push(privacySpent));
  await harness.withModel({ onProgress }, async ({ summary }) => {
    if (harness.plugin.capabilities.differentialPrivacy === null) {
      assert.equal(summary.privacySpent, null, 'a generator without a mechanism claims privacy');
      return;
    }
    assert.ok(summary.privacySpent, 'the summary doesn’t say what was spent');
    assert.ok(summary.privacyLedger?.length, 'the summary has no ledger of its mechanisms');
    const { epsilon } = harness.parse() as { epsilon?: number };
    assert.ok(epsilon !== undefined, 'a differentially private generator has the config key "epsilon"');
    for (const each of [...spent, summary.privacySpent])
      assert.ok(each.epsilon <= epsilon, `${each.epsilon} > ${epsilon}`);
    const ledger = summary.privacyLedger.reduce((sum, entry) => sum + entry.epsilon, 0);
    assert.ok(ledger <= epsilon * (1 + 1e-9), `the ledger's ${ledger} exceeds the budget of ${epsilon}`);
  });
}
