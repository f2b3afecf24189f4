import { type Job, TERMINAL_STATUSES } from '../core/jobs/job.entity.js';
import type { JobService } from '../core/jobs/job.service.js';

const MAXIMUM_WAIT_S = 60;

/** The seconds of `Prefer: wait=N` (RFC 7240), at most 60; 0 where the header asks for no wait. */
export function waitOf(prefer: string | readonly string[] | undefined): number {
  const preferences = [prefer ?? []].flat().join(',').split(',');
  const wait = preferences.map((text) => /^\s*wait\s*=\s*"?(\d+)"?\s*$/i.exec(text)?.[1]).find((n) => n !== undefined);
  return Math.min(Number(wait ?? 0), MAXIMUM_WAIT_S);
}

/** Until the job has ended, the time is up, or `over`: the client has gone, the studio is about to end. */
export async function awaitEnd(
  jobs: JobService,
  jobId: string,
  seconds: number,
  ...over: readonly AbortSignal[]
): Promise<void> {
  const signal = AbortSignal.any([...over, AbortSignal.timeout(seconds * 1000)]);
  for await (const job of jobs.watch(jobId, signal)) if (hasEnded(job)) return;
}

function hasEnded(job: Job): boolean {
  return TERMINAL_STATUSES.has(job.status);
}
