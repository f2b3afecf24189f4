export * from './memory-artefacts.js';
export * from './table-from-rows.js';
export * from './test-context.js';
