import { type EntityManager, In, Not } from 'typeorm';
import { StudioError } from '../errors/index.js';
import { Job, TERMINAL_STATUSES } from '../jobs/job.entity.js';

/** Nobody knows when a run will end; this is when it is worth another look. */
const RETRY_SECONDS = 15;

/**
 * Throws `concurrency_limit_exceeded` when the owner has as many generation jobs that have not ended. Asked in the
 * transaction that adds the next one: writers take turns, so two requests at once can't both take the last place.
 */
export async function checkGenerationQuota(manager: EntityManager, ownerId: string, limit: number): Promise<void> {
  if (limit === 0) return;
  const running = await manager.countBy(Job, {
    ownerId,
    kind: Not('evaluate'),
    status: Not(In([...TERMINAL_STATUSES])),
  });
  if (running < limit) return;
  throw new StudioError(
    'concurrency_limit_exceeded',
    `${running} generation jobs have not ended: ${limit} is the limit`,
    {
      retryAfter: RETRY_SECONDS,
    },
  );
}
