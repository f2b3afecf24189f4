import type { GraphQLSchema } from 'graphql';
import type { PluginRegistry } from '../core/plugin-host/index.js';
import { createBuilder } from './builder.js';
import { addEnums } from './enums.js';
import { addErrorTypes } from './errors/error-types.js';
import { addPluginInputs } from './plugin-inputs/index.js';
import { addScalars } from './scalars.js';
import { addApiKeys } from './types/api-key.js';
import { addCancellations } from './types/cancellations.js';
import { addDatasets } from './types/dataset.js';
import { addDeletions } from './types/deletions.js';
import { addEvaluations } from './types/evaluation.js';
import { addEvents } from './types/event.js';
import { addGenerators } from './types/generator.js';
import { addLoginProviders } from './types/login-provider.js';
import { addLongWork } from './types/long-work.js';
import { addModelImport } from './types/model-import.js';
import { addNode } from './types/node.js';
import { addPluginTypes } from './types/plugin-types.js';
import { addRows } from './types/rows.js';
import { addUsers } from './types/user.js';

/** The whole schema; it depends on nothing but the plugins that are loaded. */
export function createSchema(plugins: PluginRegistry): GraphQLSchema {
  const builder = createBuilder();
  const kit = { builder, enums: addEnums(builder) };
  builder.queryType({});
  builder.mutationType({});
  builder.subscriptionType({});
  addScalars(builder);
  addErrorTypes(kit);
  const inputs = addPluginInputs(builder, plugins);
  addNode(kit);
  addUsers(kit);
  addApiKeys(kit);
  addLoginProviders(kit);
  addRows(kit);
  addDatasets(kit);
  addLongWork(kit);
  addGenerators(kit, inputs);
  addModelImport(kit);
  addEvaluations(kit, inputs);
  addCancellations(kit);
  addDeletions(kit);
  addPluginTypes(kit);
  addEvents(kit);
  return builder.toSchema();
}
