import { lexicographicSortSchema, printSchema } from 'graphql';
import { createRegistry } from './core/plugin-host/index.js';
import { builtInPlugins } from './plugins/index.js';
import { createSchema } from './schema/create-schema.js';

// Prints schema.graphql: the schema with the built-in plugins and no other.
process.stdout.write(`${printSchema(lexicographicSortSchema(createSchema(createRegistry(builtInPlugins))))}\n`);
