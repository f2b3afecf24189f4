import { definePluginPackage, PLUGIN_API_VERSION, type PluginPackage } from '../core/plugin-api/index.js';
import { autoregressive } from './autoregressive/index.js';
import { ctgan } from './ctgan/index.js';
import { dpAutoregressive } from './dp-autoregressive/index.js';
import { dpCtgan } from './dp-ctgan/index.js';
import { fidelity } from './fidelity/index.js';
import { gaussianCopula } from './gaussian-copula/index.js';
import { independent } from './independent/index.js';
import { privacy } from './privacy/index.js';
import { utility } from './utility/index.js';

/** The light halves of all built-in plugins; their runtimes are imported when first used. */
export const builtInPlugins: readonly PluginPackage[] = [
  definePluginPackage({
    name: 'synthetic-data-studio',
    version: '0.1.0',
    apiVersion: `^${PLUGIN_API_VERSION}`,
    contributions: [
      autoregressive,
      dpAutoregressive,
      ctgan,
      dpCtgan,
      gaussianCopula,
      independent,
      fidelity,
      utility,
      privacy,
    ],
  }),
];
