import { type DocumentNode, type ExecutionResult, getOperationAST, Kind } from 'graphql';
import type { Metrics } from '../../core/telemetry/metrics.js';

export type OperationOutcome = 'ok' | 'refused' | 'fault';

export interface ObservedOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
}

/** Counts operations by kind and root field: names of operations are the caller's, and would be as many as callers like. */
export class OperationObserver {
  constructor(private readonly metrics: Pick<Metrics, 'graphql'> | null) {}

  /** @param begun on the clock of `performance.now()`. */
  ended(operation: ObservedOperation, outcome: OperationOutcome, begun: number): void {
    if (this.metrics === null) return;
    const ast = getOperationAST(operation.document, operation.operationName);
    const selections = ast?.selectionSet.selections ?? [];
    const [first] = selections;
    const field = selections.length === 1 && first?.kind === Kind.FIELD ? first.name.value : '(several)';
    this.metrics.graphql.ended(ast?.operation ?? 'query', field, outcome, (performance.now() - begun) / 1000);
  }

  /** What could not be parsed, or does not fit the schema. */
  invalid(begun: number): void {
    this.metrics?.graphql.ended('none', '(invalid)', 'refused', (performance.now() - begun) / 1000);
  }
}

/** Whether a fault of the studio's own is among the errors that were described, or only refusals. */
export function outcomeOf({ errors = [] }: ExecutionResult): OperationOutcome {
  if (errors.length === 0) return 'ok';
  return errors.some(({ extensions }) => Number(extensions['status_code']) >= 500) ? 'fault' : 'refused';
}
