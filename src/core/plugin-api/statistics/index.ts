/** Numerics that generators share: the normal distribution, marginals of single columns, reading a table whole. */
export * from './choose-quantiles.js';
export * from './collect-columns.js';
export * from './column-decoder.js';
export * from './column-marginal.js';
export * from './families.js';
export * from './granularity.js';
export * from './marginal-artefact.js';
export * from './marginal-config.js';
export * from './normal.js';
export * from './piece-lookup.js';
export * from './quantile-pieces.js';
export * from './smoothed-quantiles.js';
export * from './special-functions.js';
