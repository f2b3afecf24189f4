import { test } from 'node:test';
import { generatorConformanceCases } from 'synthetic-data-studio/plugin-api/testing';
import { histogram } from './index.js';

const freshProcess = { module: new URL('./index.js', import.meta.url), exportName: 'histogram' };
for (const { name, run } of generatorConformanceCases(histogram, { freshProcess })) test(name, run);
