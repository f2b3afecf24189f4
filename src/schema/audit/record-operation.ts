import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import { withCompanion } from '../../core/persistence/commit-companion.js';
import type { RequestContext } from '../context.js';
import { describeOperation } from './describe-operation.js';

const OK = 200;

type Operation = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;

/** Notes what an operation is about to do. */
export function noteOperation({ record, auth }: RequestContext, operation: Operation): void {
  const facts = describeOperation(operation.document, operation.operationName, operation.variableValues);
  if (facts === null) return;
  record.action = facts.action;
  record.resource = facts.resource;
  record.userId = auth?.principal?.userId ?? null;
}

/** Runs an operation; whatever a mutation changes is committed together with a note of who asked for it. */
export function runRecorded<T>(context: RequestContext, { document, operationName }: Operation, run: () => T): T {
  const isMutation = getOperationAST(document, operationName)?.operation === 'mutation';
  return isMutation ? withCompanion(context.record, run) : run();
}

/** The operation was answered: with a result, or with a stream that has begun. */
export function closeRecord(context: RequestContext, result: Pick<ExecutionResult, 'errors'>): void {
  if (context.record.action === '') return;
  // The status that the same failure has over REST: of the first error, or of the failure that is the result.
  const status = result.errors?.[0]?.extensions['status_code'] as number | undefined;
  context.services.auditTrail.close(context.record, status ?? context.failure ?? OK);
}
