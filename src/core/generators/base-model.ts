import { conflict, type FieldError, invalid } from '../errors/index.js';
import type { AnyGeneratorPlugin } from '../plugin-api/index.js';
import { type ColumnPlan, learnedSchema } from '../tables/index.js';
import type { Model } from './model.entity.js';

/** Whether training can go on from a model: it is of the same generator, and of one that can. */
export function checkBase(base: Model, plugin: AnyGeneratorPlugin): void {
  if (plugin.id !== base.pluginId) {
    const message = `The base is a model of "${base.pluginId}"`;
    throw invalid({ field: 'generator_type', message, code: 'invalid_choice' });
  }
  if (plugin.capabilities.continuedTraining !== true) {
    const isPrivate = plugin.capabilities.differentialPrivacy !== null;
    const why = isPrivate ? ': its budget was spent on the rows that it learned' : '';
    const message = `A model of "${plugin.id}" is not trained any further${why}`;
    throw invalid({ field: 'base_generator_id', message, code: 'invalid_choice' });
  }
  if (plugin.artefactVersion !== base.artefactVersion) {
    throw conflict(`The base model was saved by another version of ${plugin.id}: train it again`);
  }
}

/** What the base was trained with holds on where nothing else is asked for. */
export function configOver(base: Model, config: unknown = {}): unknown {
  const isObject = typeof config === 'object' && config !== null && !Array.isArray(config);
  return isObject ? { ...base.config, ...config } : config;
}

/** Whether a model learned the same columns, in the same order. */
export function checkSameColumns(learned: ColumnPlan, plan: ColumnPlan): void {
  const errors = compare(learnedSchema(learned).columns, learnedSchema(plan).columns);
  if (errors.length > 0) throw invalid(...errors);
}

type Columns = ReturnType<typeof learnedSchema>['columns'];

function compare(before: Columns, now: Columns): FieldError[] {
  const names = (columns: Columns) => columns.map(({ name }) => name).join(', ');
  if (names(before) !== names(now)) {
    const message = `The base model learned other columns: ${names(before)}`;
    return [{ field: 'base_generator_id', message, code: 'invalid_choice' }];
  }
  return now.flatMap(({ name, kind }, i): FieldError[] => {
    const { kind: learned } = before[i]!;
    if (kind === learned) return [];
    const message = `"${name}" is ${kind} here, and the base model learned it as ${learned}`;
    return [{ field: `columns.${name}`, message, code: 'invalid_choice' }];
  });
}
