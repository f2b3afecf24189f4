import type { AnyGeneratorPlugin } from '../plugin-package.js';
import { cancellationCases } from './cases/cancellation.js';
import { conditionCases } from './cases/conditions.js';
import { configurationCases } from './cases/configuration.js';
import { imputationCases } from './cases/imputation.js';
import { kindCases } from './cases/kinds.js';
import { oddTableCases } from './cases/odd-tables.js';
import { reportingCases } from './cases/reporting.js';
import { reproducibilityCases } from './cases/reproducibility.js';
import type { ConformanceCase } from './conformance-case.js';
import { GeneratorHarness, type GeneratorConformanceOptions } from './generator-harness.js';

/**
 * What every generator must do, as cases for any test runner:
 * `for (const { name, run } of generatorConformanceCases(plugin, options)) test(name, run);`
 */
export function generatorConformanceCases(
  plugin: AnyGeneratorPlugin,
  options: GeneratorConformanceOptions,
): readonly ConformanceCase[] {
  const harness = new GeneratorHarness(plugin, options);
  return [
    ...reproducibilityCases(harness),
    ...cancellationCases(harness),
    ...configurationCases(harness),
    ...kindCases(harness),
    ...oddTableCases(harness),
    ...conditionCases(harness),
    ...imputationCases(harness),
    ...reportingCases(harness),
  ];
}
