import 'reflect-metadata';
import { container } from 'tsyringe';
import { loadPlugins } from './core/plugin-host/index.js';
import { builtInPlugins } from './plugins/index.js';
import { openApiDocument } from './rest/openapi.js';
import { restEndpoints } from './rest/routes.js';
import { createServices } from './rest/services.js';

/** Prints the OpenAPI document of the built-in plugins: what `openapi.json` must be. */
const plugins = await loadPlugins({ builtIn: builtInPlugins, extra: [] });
const document = openApiDocument(restEndpoints(createServices(container)), plugins);
process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
