import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { given } from '../given.js';

export function addAuditLog({ builder }: SchemaKit): void {
  builder.objectType('AuditEntry', {
    description: 'One request, through either door.',
    fields: (t) => ({
      sequence: t.expose('sequence', { type: 'SafeInt', description: 'Its place in the chain, from 1.' }),
      time: t.expose('time', { type: 'DateTime', description: 'When it was answered.' }),
      userId: t.exposeID('userId', {
        nullable: true,
        description: 'Who asked; of an attempt to log in, whose account it was.',
      }),
      action: t.exposeString('action', {
        description: '`METHOD /path` over REST; here `MUTATION`, `QUERY` or `SUBSCRIPTION` and the root fields.',
      }),
      resource: t.exposeString('resource', {
        description: 'The path, or the root fields with the ids they were given.',
      }),
      status: t.exposeInt('status', {
        nullable: true,
        description: 'As over REST; null when the studio ended before it could answer.',
      }),
      durationMs: t.exposeFloat('durationMs', { nullable: true }),
      ipAddress: t.exposeString('address'),
      userAgent: t.exposeString('userAgent', { nullable: true }),
      requestId: t.exposeString('requestId'),
      hash: t.exposeString('hash', { description: 'SHA-256 over the hash of the entry before and this one.' }),
    }),
  });
  builder.objectType('AuditReport', {
    description: 'Whether the chain of entries holds.',
    fields: (t) => ({
      valid: t.boolean({ resolve: ({ problem }) => problem === null }),
      entries: t.expose('entries', { type: 'SafeInt', description: 'Those that were looked at, and hold.' }),
      prunedEntries: t.expose('pruned', {
        type: 'SafeInt',
        description: 'Older ones that were removed by age: `AUDIT_RETENTION_DAYS`. The chain begins after them.',
      }),
      headHash: t.string({
        description: 'The hash of the last entry. Noted elsewhere, it shows later that nothing was written anew.',
        resolve: ({ head }) => head.hash,
      }),
      problem: t.exposeString('problem', { nullable: true, description: 'The first thing that is wrong.' }),
    }),
  });
  addQueries(builder);
}

function addQueries(builder: SchemaKit['builder']): void {
  const AuditEntryConnection = addConnection(builder, 'AuditEntry');
  const AuditFilter = builder.inputType('AuditFilter', {
    fields: (t) => ({
      userId: t.id({ description: 'Another user’s: administrators only.' }),
      action: t.string({ description: 'The whole of it.' }),
      resource: t.string({ description: 'Any part of it: an id finds what concerns it through either door.' }),
      from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
      to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
    }),
  });
  builder.queryFields((t) => ({
    auditLog: t.field({
      type: AuditEntryConnection,
      policy: 'user',
      description: 'Your own entries, all for an administrator; the newest first.',
      args: { ...connectionArguments(builder), filter: t.arg({ type: AuditFilter }) },
      resolve: async (_root, { filter, ...paging }, context) => {
        const { auditLog } = context.services;
        const page = await auditLog.list(callerOf(context), given(filter ?? {}), pageRequest(paging));
        return toConnection(page, (entry) => auditLog.cursor(entry), paging);
      },
    }),
    auditReport: t.field({
      type: 'AuditReport',
      policy: 'admin',
      description: 'Walks the whole chain: an entry that was altered, removed or put elsewhere shows.',
      resolve: (_root, _args, { services }) => services.auditLog.verify(),
    }),
  }));
}
