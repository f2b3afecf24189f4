/** Small machine learning on typed arrays: what evaluators need to ask how much a table teaches. */
export * from './feature-encoder.js';
export * from './features.js';
export * from './linear/linear-regression.js';
export * from './linear/logistic-regression.js';
export * from './model.js';
export * from './row-splits.js';
export * from './score-sheet.js';
export * from './scores.js';
export * from './success-rate.js';
export * from './trees/boosted-trees.js';
export { BOOSTING_DEFAULTS, type BoostingOptions } from './trees/boosting-options.js';
export * from './trees/decision-tree.js';
export * from './whole-table.js';
export * from './linear/minimise.js';
