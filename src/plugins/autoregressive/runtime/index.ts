import type { FitRequest, GeneratorRuntime, RunContext } from '../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../config.js';
import { readTokens, readTokensOf, type TokenTable } from './coding/token-table.js';
import { createModel, type Model, readModel, restoreModel } from './fitted-model.js';
import { forbiddenTokens } from './network/forbidden.js';
import { growWeights } from './network/grow-weights.js';
import { layoutOf } from './network/layout.js';
import { train, type TrainedNetwork } from './training/train.js';

/**
 * One small network a column, in a fixed order, all in one pass: masks as in MADE (Germain et al. 2015, arXiv 1502.03509),
 * tokens and cells given at random as in TabularARGN (arXiv 2501.12012).
 */
export const autoregressiveRuntime: GeneratorRuntime<AutoregressiveConfig> = {
  async fit(request, context) {
    const { base } = request;
    return base === undefined ? fitAnew(request, context) : goOn(await readModel(base), request, context);
  },
  restore: (reader) => restoreModel(reader),
};

async function fitAnew({ source, config }: FitRequest<AutoregressiveConfig>, context: RunContext) {
  const table = await readTokens(source, config, context);
  const layout = layoutOf(table.fields, config.hidden_units);
  const { columns: schemas } = source.schema;
  const forbidden = forbiddenTokens(layout, table.fields, schemas);
  const trained = await train(layout, table, config, context, { forbidden });
  return createModel({ schemas, hiddenUnits: config.hidden_units, ...outcome(table, trained) });
}

/** Training goes on from a model, in whose network `hidden_units` is decided already. */
async function goOn(model: Model, { source, config }: FitRequest<AutoregressiveConfig>, context: RunContext) {
  const { hiddenUnits } = model;
  const before = layoutOf(model.fields, hiddenUnits, model.form);
  const form = { hidden: before.hidden, embedding: before.embedding };
  const { table, places } = await readTokensOf(model.fields, source, config, context);
  const layout = layoutOf(table.fields, hiddenUnits, form);
  const { columns: schemas } = source.schema;
  const weights = growWeights(model.weights, before, layout, places, table);
  const forbidden = forbiddenTokens(layout, table.fields, schemas);
  const trained = await train(layout, table, config, context, { weights, forbidden });
  return createModel({ schemas, hiddenUnits, form, ...outcome(table, trained) });
}

function outcome({ fields }: TokenTable, { weights, losses, epochs, steps }: TrainedNetwork) {
  const metrics = { loss: losses.at(-1)!, epochs, steps };
  return { fields, weights, summary: { metrics, privacySpent: null, history: { loss: losses } } };
}
