import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, In } from 'typeorm';
import { DATA_SOURCE } from '../../app/tokens.js';
import { conflict, invalid } from '../../errors/index.js';
import { GeneratorService } from '../../generators/generator.service.js';
import { Job } from '../../jobs/job.entity.js';
import type { Evaluation } from '../evaluation.entity.js';
import { EvaluationService } from '../evaluation.service.js';
import { compareReports } from './compare-reports.js';
import type { EvaluationComparison } from './evaluation-comparison.js';

export const FEWEST_COMPARED = 2;
export const MOST_COMPARED = 5;

@scoped(Lifecycle.ContainerScoped)
export class ComparisonService {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly evaluations: EvaluationService,
    private readonly generators: GeneratorService,
  ) {}

  /** Two to five completed evaluations side by side, in the order given. */
  async compare(ownerId: string, ids: readonly string[]): Promise<EvaluationComparison> {
    checkIds(ids);
    const evaluations = await Promise.all(ids.map((id) => this.evaluations.get(ownerId, id)));
    for (const { id, job } of evaluations) {
      if (job.status !== 'completed') throw conflict(`Evaluation ${id} is ${job.status}: only completed ones compare`);
    }
    const seconds = await this.#trainingSeconds(ownerId, evaluations);
    const comparands = evaluations.map(async (setup) => ({
      setup,
      report: await this.evaluations.report(ownerId, setup.id),
      trainingSeconds: seconds.get(setup.generatorId) ?? null,
    }));
    return compareReports(await Promise.all(comparands));
  }

  /** By generator; rows that were sampled later come from the training of another run. */
  async #trainingSeconds(ownerId: string, evaluations: readonly Evaluation[]): Promise<Map<string, number>> {
    const generators = await this.generators.many(
      ownerId,
      evaluations.map(({ generatorId }) => generatorId),
    );
    const models = generators.flatMap(({ modelId }) => (modelId === null ? [] : [modelId]));
    const jobs = await this.dataSource.manager.findBy(Job, { subjectId: In(models), kind: 'generate' });
    const byModel = new Map(
      jobs.flatMap(({ subjectId, startedAt, completedAt }) =>
        startedAt === null || completedAt === null
          ? []
          : [[subjectId, (completedAt.getTime() - startedAt.getTime()) / 1000] as const],
      ),
    );
    return new Map(
      generators.flatMap(({ id, modelId }) => {
        const seconds = byModel.get(modelId ?? '');
        return seconds === undefined ? [] : [[id, seconds] as const];
      }),
    );
  }
}

function checkIds(ids: readonly string[]): void {
  const field = 'evaluation_ids';
  if (ids.length < FEWEST_COMPARED || ids.length > MOST_COMPARED) {
    const message = `Must have between ${FEWEST_COMPARED} and ${MOST_COMPARED} items`;
    throw invalid({ field, message, code: 'range_error' });
  }
  const repeated = ids.findIndex((id, i) => ids.indexOf(id) < i);
  if (repeated < 0) return;
  throw invalid({ field: `${field}.${repeated}`, message: 'Is named twice', code: 'invalid_choice' });
}
