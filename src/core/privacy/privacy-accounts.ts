import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, In } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { conflict, invalid } from '../errors/index.js';
import { Job } from '../jobs/job.entity.js';
import { insertRow } from '../persistence/insert-row.js';
import { listOf, sql } from '../persistence/sql.js';
import { TableReader } from '../persistence/table-reader.js';
import type { PrivacySpent } from '../plugin-api/index.js';
import { addUp, type JobState, type PrivacyAccount, type PrivacyLimit } from './privacy-account.js';
import { PrivacyCharge } from './privacy-charge.entity.js';
import type { PrivacyCost } from './privacy-cost.js';

/** Above this part of the limit, a sum is over it and not merely rounded. */
const ROUNDING = 1e-9;

/** What the models of each dataset spend of its rows' privacy, and the limits that owners set to it. */
@scoped(Lifecycle.ContainerScoped)
export class PrivacyAccounts {
  readonly #charges: TableReader<PrivacyCharge>;

  constructor(@inject(DATA_SOURCE) private readonly dataSource: DataSource) {
    this.#charges = new TableReader(dataSource, PrivacyCharge);
  }

  /** One for each of the datasets, in their order. */
  async of(datasetIds: readonly string[], manager: EntityManager = this.dataSource.manager): Promise<PrivacyAccount[]> {
    const charges = await this.#charges.all(sql`"datasetId" IN ${listOf(datasetIds)}`, manager);
    const jobs = await statesOf(manager, charges);
    const byDataset = Map.groupBy(charges, ({ datasetId }) => datasetId);
    return datasetIds.map((id) => {
      const own = byDataset.get(id) ?? [];
      return { id, ...addUp(own.map((charge) => ({ charge, job: jobs.get(charge.jobId) ?? null }))) };
    });
  }

  /** In the transaction that accepts the run. Throws `conflict` where the run would pass the dataset's limit. */
  async charge(
    manager: EntityManager,
    dataset: Dataset,
    run: { readonly id: string; readonly jobId: string; readonly cost: PrivacyCost },
  ): Promise<void> {
    const { bounded, epsilon, delta } = run.cost;
    if (dataset.privacyLimit !== null) {
      const [account] = await this.of([dataset.id], manager);
      requireRoom(account!, dataset.privacyLimit, run.cost);
    }
    const row = { id: run.id, jobId: run.jobId, datasetId: dataset.id, bounded, epsilon, delta, settled: false };
    await insertRow(manager, PrivacyCharge, row);
  }

  /** A model came of the run: what it says that it spent takes the place of its budget. */
  async settle(manager: EntityManager, runId: string, spent: PrivacySpent | null): Promise<void> {
    const { epsilon, delta } = spent ?? { epsilon: 0, delta: 0 };
    await manager.update(PrivacyCharge, { id: runId }, { epsilon, delta, settled: true });
  }

  /** A limit that nothing could hold any more is refused with `conflict`. */
  async checkLimit(manager: EntityManager, dataset: Dataset, limit: PrivacyLimit): Promise<void> {
    if (!(limit.epsilon > 0) || !Number.isFinite(limit.epsilon)) {
      throw invalid({ field: 'privacy_limit.epsilon', message: 'Must be above 0', code: 'range_error' });
    }
    if (limit.delta !== null && !(limit.delta >= 0 && limit.delta < 1)) {
      throw invalid({ field: 'privacy_limit.delta', message: 'Must be at least 0 and below 1', code: 'range_error' });
    }
    const [{ unboundedModels }] = (await this.of([dataset.id], manager)) as [PrivacyAccount];
    if (unboundedModels === 0) return;
    throw conflict(
      `No limit can hold: ${unboundedModels} of the dataset's models give away without bound (they promise no differential privacy, or their noise came from a seed that was given). Upload the table anew to begin an account of its own`,
    );
  }

  async forget(manager: EntityManager, datasetId: string): Promise<void> {
    await manager.delete(PrivacyCharge, { datasetId });
  }
}

/** Each list of datasets asks for this: most have no model that was charged. */
async function statesOf(manager: EntityManager, charges: readonly PrivacyCharge[]): Promise<Map<string, JobState>> {
  if (charges.length === 0) return new Map();
  const found = await manager.find(Job, {
    where: { id: In(charges.map(({ jobId }) => jobId)) },
    select: { id: true, status: true, startedAt: true, metrics: true },
  });
  return new Map(found.map((job) => [job.id, job]));
}

function requireRoom(account: PrivacyAccount, limit: PrivacyLimit, cost: PrivacyCost): void {
  if (!cost.bounded) throw conflict(`The dataset has a privacy limit of ε = ${limit.epsilon}, and ${cost.reason}`);
  if (limit.delta !== null && cost.delta === null) {
    const message = `Must be given: the dataset has a privacy limit of δ = ${limit.delta}`;
    throw invalid({ field: 'config.delta', message, code: 'required' });
  }
  refuseAbove('ε', account.epsilon, cost.epsilon, limit.epsilon);
  if (limit.delta !== null) refuseAbove('δ', account.delta, cost.delta!, limit.delta);
}

function refuseAbove(what: 'ε' | 'δ', spent: number, asked: number, limit: number): void {
  if (spent + asked <= limit * (1 + ROUNDING)) return;
  throw conflict(
    `The dataset's privacy limit is ${what} = ${limit}: ${tell(spent)} of it is spent or promised to models in progress, and this one may spend ${tell(asked)}`,
  );
}

function tell(value: number): string {
  return String(Number(value.toPrecision(6)));
}
