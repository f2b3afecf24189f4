import { Worker } from 'node:worker_threads';

/** Milliseconds between two looks for the parent. */
const INTERVAL = 1000;

const WATCH = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
}, workerData.interval);
`;

/**
 * Ends the process when its parent is gone, from a thread of its own: a plugin that computes without a pause would
 * never let the main thread see that the channel to the parent was closed, and would go on for nobody.
 */
export function endWithParent(): void {
  const watch = new Worker(WATCH, { eval: true, workerData: { parent: process.ppid, interval: INTERVAL } });
  watch.unref();
}
