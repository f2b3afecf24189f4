import type { GeneratorRuntime } from '../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../config.js';
import { readTokens } from './coding/token-table.js';
import { createModel, restoreModel } from './fitted-model.js';
import { layoutOf } from './network/layout.js';
import { train } from './training/train.js';

/**
 * One small network a column, in a fixed order, all in one pass: masks as in MADE (Germain et al. 2015, arXiv 1502.03509),
 * tokens and cells given at random as in TabularARGN (arXiv 2501.12012).
 */
export const autoregressiveRuntime: GeneratorRuntime<AutoregressiveConfig> = {
  async fit({ source, config }, context) {
    const table = await readTokens(source, config, context);
    const layout = layoutOf(table.fields, config.hidden_units);
    const { weights, losses, epochs, steps } = await train(layout, table, config, context);
    const summary = {
      metrics: { loss: losses.at(-1)!, epochs, steps },
      privacySpent: null,
      history: { loss: losses },
    };
    const { columns: schemas } = source.schema;
    return createModel({ schemas, fields: table.fields, hiddenUnits: config.hidden_units, weights, summary });
  },
  restore: (reader) => restoreModel(reader),
};
