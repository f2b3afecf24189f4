/** For authors of plugins: conformance suites for any test runner, and in-memory stand-ins for what the host gives. */
export type { ConformanceCase } from './conformance-case.js';
export { evaluatorConformanceCases, type EvaluatorConformanceOptions } from './evaluator-conformance.js';
export type { FreshProcess } from './fresh-process.js';
export { generatorConformanceCases } from './generator-conformance.js';
export type { GeneratorConformanceOptions } from './generator-harness.js';
export * from './memory-artefacts.js';
export * from './table-from-rows.js';
export * from './test-context.js';
