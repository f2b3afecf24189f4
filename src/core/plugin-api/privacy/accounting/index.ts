export * from './calibrate.js';
export * from './mechanism.js';
export { deltaOf, epsilonOf } from './privacy-loss.js';
export * from './renyi.js';
