export * from './caveats.js';
export * from './config-keys.js';
export * from './preflight.js';
export * from './prepare.js';
