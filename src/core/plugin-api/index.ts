export * from './artefacts.js';
export * from './compute.js';
export * from './evaluator.js';
export * from './generator.js';
export * from './plugin-package.js';
export * from './random.js';
export * from './run-context.js';
export * from './tables.js';
