export * from './code-decoder.js';
export * from './column-coding.js';
export * from './private-encoding.js';
export * from './row-count.js';
export * from './table-codes.js';
export * from './restrict-coding.js';
