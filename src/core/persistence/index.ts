export * from './after-commit.js';
export * from './data-source.js';
export * from './database-errors.js';
export * from './schema-drift.js';
