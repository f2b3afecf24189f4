export * from './adam.js';
export * from './tensor-file.js';
