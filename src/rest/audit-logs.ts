import type { AuditEntry } from '../core/audit/audit-entry.entity.js';
import { defined } from './defined.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { array, integer, nullable, number, object, query, type Static, string, boolean, time } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import type { Services } from './services.js';
import { parseTime } from './times.js';

const entryView = object(
  {
    sequence: integer({ description: 'Its place in the chain, from 1.' }),
    timestamp: time('When it was answered.'),
    user_id: nullable(string({ description: 'Who asked; of an attempt to log in, whose account it was.' })),
    action: string({
      description: '`METHOD /path`; over GraphQL `MUTATION`, `QUERY` or `SUBSCRIPTION` and the root fields.',
    }),
    resource: string({ description: 'The path; over GraphQL the root fields with the ids that they were given.' }),
    details: object({
      status_code: nullable(integer({ description: 'Null when the studio ended before it could answer.' })),
      duration: nullable(number({ description: 'Seconds.' })),
      user_agent: nullable(string()),
    }),
    ip_address: string(),
    user_agent: nullable(string()),
    request_id: string(),
    hash: string({ description: 'SHA-256 over the hash of the entry before and this one.' }),
  },
  {},
  { title: 'AuditEntry' },
);

const reportView = object(
  {
    valid: boolean(),
    entries: integer({ description: 'Those that were looked at, and hold.' }),
    pruned_entries: integer({
      description: 'Older ones that were removed by age: `AUDIT_RETENTION_DAYS`. The chain begins after them.',
    }),
    head_hash: string({
      description: 'The hash of the last entry. Noted elsewhere, it shows later that nothing was written anew.',
    }),
    problem: nullable(string({ description: 'The first thing that is wrong.' })),
  },
  {},
  { title: 'AuditReport' },
);

export function auditEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/audit-logs',
      query: query(
        {
          user_id: string({ description: "Another user's: administrators only." }),
          action: string({ description: 'The whole of it.' }),
          resource: string({ description: 'Any part of it: an id finds what concerns it through either door.' }),
          from: time('Inclusive.'),
          to: time('Exclusive.'),
        },
        pageParameters,
      ),
      answer: array(entryView),
      docs: {
        id: 'listAuditLogs',
        tag: 'Operations',
        summary: 'Your own requests, all for an administrator; the newest first',
        description:
          'Every request that was let in leaves an entry, failed logins included. What the rate limits refuse leaves none.',
        errors: ['permission_denied'],
        responseHeaders: pageHeaders,
      },
      handle: async (call) => {
        const { user_id: userId, action, resource, from, to, ...page } = call.query;
        const filter = defined({
          userId,
          action,
          resource,
          from: from === undefined ? undefined : parseTime(from),
          to: to === undefined ? undefined : parseTime(to),
        });
        return sendPage(await services.auditLog.list(call.principal, filter, page), toEntry, call, page);
      },
    }),
    endpoint({
      method: 'GET',
      path: '/audit-logs/verify',
      access: 'admin',
      answer: reportView,
      docs: {
        id: 'verifyAuditLogs',
        tag: 'Operations',
        summary: 'Whether the chain of entries holds',
        description: 'Walks all of it: an entry that was altered, removed or put elsewhere shows.',
      },
      handle: async () => {
        const { entries, pruned, head, problem } = await services.auditLog.verify();
        return { valid: problem === null, entries, pruned_entries: pruned, head_hash: head.hash, problem };
      },
    }),
  ];
}

function toEntry(entry: AuditEntry): Static<typeof entryView> {
  return {
    sequence: entry.sequence,
    timestamp: entry.time.toISOString(),
    user_id: entry.userId,
    action: entry.action,
    resource: entry.resource,
    details: {
      status_code: entry.status,
      duration: entry.durationMs === null ? null : entry.durationMs / 1000,
      user_agent: entry.userAgent,
    },
    ip_address: entry.address,
    user_agent: entry.userAgent,
    request_id: entry.requestId,
    hash: entry.hash,
  };
}
