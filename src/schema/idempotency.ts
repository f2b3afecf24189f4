import { createHash } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLField, print } from 'graphql';
import { StudioError } from '../core/errors/index.js';
import { addressKey } from '../core/limits/address-key.js';
import { rootFieldNames } from './audit/describe-operation.js';
import type { RequestContext } from './context.js';
import { UploadedFile } from './scalars.js';

type Result = ExecutionResult | Promise<ExecutionResult>;

/** Whether a root field makes something new each time. */
export function isCreating(field: GraphQLField<unknown, unknown>): boolean {
  return (field.extensions['pothosOptions'] as { creates?: true } | undefined)?.creates === true;
}

/**
 * Runs an operation; with a key, a mutation that creates something runs once, and the same again gets the first result.
 * A failure is not kept, whether it is an error or told as a result.
 */
export function carryOutOnce(context: RequestContext, args: ExecutionArgs, execute: () => Result): Result {
  const key = context.idempotencyKey;
  return key === undefined || !creates(args) ? execute() : carryOut(context, args, key, execute);
}

async function carryOut(
  context: RequestContext,
  args: ExecutionArgs,
  key: string,
  execute: () => Result,
): Promise<ExecutionResult> {
  let result: ExecutionResult | undefined;
  try {
    const { answer } = await context.services.idempotency.run(
      { sender: senderOf(context), route: 'POST /graphql', key, fingerprint: fingerprintOf(args) },
      async () => {
        result = await execute();
        const isFailure = result.errors !== undefined || context.failure !== undefined;
        return { status: 200, headers: {}, body: isFailure ? '' : JSON.stringify(result), isFailure };
      },
    );
    if (result !== undefined) return result;
    context.tellReplayed?.();
    return JSON.parse(answer.body) as ExecutionResult;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return { errors: [new GraphQLError(error.message, { originalError: error })] };
  }
}

/**
 * Policies are asked field by field while an operation runs, and a repeated one does not run: it is the same only where
 * the caller may do the same.
 */
function senderOf({ auth, address }: RequestContext): string {
  const principal = auth?.principal;
  if (principal == null) return addressKey(address);
  return [principal.userId, ...(principal.apiKey?.scopes.toSorted() ?? ['session'])].join(' ');
}

function creates({ schema, document, operationName }: ExecutionArgs): boolean {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  return rootFieldNames(document, operationName).some((name) => mutations[name] && isCreating(mutations[name]));
}

/** Of the operation, its variables and its file, which is hashed while it is read. */
function fingerprintOf({ document, operationName, variableValues }: ExecutionArgs): () => Promise<string> {
  const digest = createHash('sha256');
  const files: UploadedFile[] = [];
  const asked = [print(document), operationName ?? null, variableValues ?? {}];
  const said = JSON.stringify(asked, (_key, value: unknown) => {
    if (!(value instanceof UploadedFile)) return value;
    files.push(value);
    return value.filename;
  });
  digest.update(said);
  for (const file of files) file.digestTo(digest);
  return async () => {
    for (const file of files) await file.finish();
    return digest.digest('hex');
  };
}
