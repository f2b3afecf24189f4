import { test } from 'node:test';
import { evaluatorConformanceCases } from 'synthetic-data-studio/plugin-api/testing';
import { coverage } from './index.js';

for (const { name, run } of evaluatorConformanceCases(coverage)) test(name, run);
