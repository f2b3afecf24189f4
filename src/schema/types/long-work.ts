import type { Job } from '../../core/jobs/job.entity.js';
import type { SchemaKit } from '../enums.js';
import type { NamedValue } from '../shapes.js';

/** What every piece of long work tells of itself; generators, evaluations and their progress are such. */
export function addLongWork({ builder, enums }: SchemaKit): void {
  builder.objectType('NamedValue', {
    fields: (t) => ({ name: t.exposeString('name'), value: t.exposeFloat('value') }),
  });
  builder.objectType('JobFailure', {
    description: 'Why a piece of work failed.',
    fields: (t) => ({ type: t.exposeString('type'), detail: t.exposeString('detail') }),
  });
  builder.interfaceType('LongWork', {
    description: 'Work that takes a while, and how far it is.',
    fields: (t) => ({
      status: t.field({ type: enums.jobStatus, resolve: ({ job }) => job.status }),
      progress: t.float({
        description: 'Percent of the whole, 0 to 100; never falls within an attempt.',
        resolve: ({ job }) => Math.round(job.progress * 10_000) / 100,
      }),
      phase: t.field({ type: enums.runPhase, nullable: true, resolve: ({ job }) => job.phase }),
      epoch: t.int({ nullable: true, resolve: ({ job }) => job.epoch }),
      epochs: t.int({ nullable: true, resolve: ({ job }) => job.epochs }),
      etaSeconds: t.float({
        nullable: true,
        description: 'Seconds left, estimated.',
        resolve: ({ job }) => job.etaSeconds,
      }),
      metrics: t.field({
        type: ['NamedValue'],
        description: 'Losses and the like.',
        resolve: ({ job }) => namedValues(job.metrics),
      }),
      error: t.field({ type: 'JobFailure', nullable: true, resolve: ({ job }) => job.error }),
    }),
  });
}

export function namedValues(values: Job['metrics']): NamedValue[] {
  return Object.entries(values ?? {}).map(([name, value]) => ({ name, value }));
}
