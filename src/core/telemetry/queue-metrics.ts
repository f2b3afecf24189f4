import { Gauge, type Registry } from 'prom-client';
import { In, type DataSource } from 'typeorm';
import { Job, type JobStatus } from '../jobs/job.entity.js';

const OPEN: readonly JobStatus[] = ['pending', 'queued', 'running'];

/** How many jobs wait and run, and for how long the oldest has waited: asked of the database when somebody asks. */
export function addQueueMetrics(registry: Registry, dataSource: DataSource): void {
  const jobs = new Gauge({
    name: 'studio_jobs',
    help: 'Jobs that have not ended, by status.',
    labelNames: ['status'],
    registers: [],
    async collect() {
      for (const status of OPEN) {
        this.set({ status }, await dataSource.getRepository(Job).countBy({ status }));
      }
    },
  });
  const oldestWaiting = new Gauge({
    name: 'studio_oldest_waiting_job_seconds',
    help: 'Age of the oldest job that waits; 0 where none does.',
    registers: [],
    async collect() {
      const [oldest] = await dataSource.getRepository(Job).find({
        where: { status: In(['pending', 'queued']) },
        order: { createdAt: 'ASC' },
        take: 1,
      });
      this.set(oldest === undefined ? 0 : (Date.now() - oldest.createdAt.getTime()) / 1000);
    },
  });
  registry.registerMetric(jobs);
  registry.registerMetric(oldestWaiting);
}
