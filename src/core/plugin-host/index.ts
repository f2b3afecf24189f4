export * from './config-schema.js';
export * from './load-plugins.js';
export * from './plugin-load-error.js';
export * from './plugin-registry.js';
