/** Differential privacy for generators: accountants, noise, and a table encoding that reads the rows through mechanisms alone. */
export * from './accounting/index.js';
export * from './encoding/index.js';
export * from './ledger.js';
export * from './noise/index.js';
export * from './run/index.js';
