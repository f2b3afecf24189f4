import type * as tf from '@tensorflow/tfjs-core';
import type { Executor } from './executor.js';

const WIDTH = 512;
const ROWS = 512;
const RUNS = 5;

/** Least time in milliseconds of a small training step: products of matrices, and a state that changes. */
export async function stepTime(executor: Executor, library: typeof tf): Promise<number> {
  const programs = await executor.compileSet(
    {
      state: { weights: [WIDTH, WIDTH] },
      entries: {
        trial: {
          inputs: { rows: [ROWS, WIDTH] },
          step: ({ weights }, { rows }) => {
            const hidden = library.tanh(library.matMul(rows!, weights!));
            const change = library.matMul(hidden, hidden, true);
            return { state: { weights: library.add(weights!, library.mul(change, 1e-6)) } };
          },
        },
      },
    },
    () => Promise.resolve(),
  );
  const rows = new Float32Array(ROWS * WIDTH).fill(0.01);
  let least = Infinity;
  // The first run compiles and allocates.
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    await programs.run('trial', { rows });
    if (run > 0) least = Math.min(least, performance.now() - start);
  }
  programs.dispose();
  return least;
}
