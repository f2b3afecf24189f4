import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import mercuriusAuth from 'mercurius-auth';
import { authorise, type Policy } from '../../core/auth/policies.js';
import { whileHolds } from '../../core/auth/while-holds.js';
import type { EventBus } from '../../core/events/index.js';
import { identify } from '../admission.js';
import type { RequestContext } from '../context.js';
import { collectPolicies, type PolicyTable } from './collect-policies.js';
import { guardLinks } from './guard-links.js';

/** Puts the policy of every root field in force. The app must have mercurius-auth's host: mercurius-bridge.ts. */
export async function applyPolicies(app: FastifyInstance, schema: GraphQLSchema, events: EventBus): Promise<void> {
  const policy = collectPolicies(schema);
  await app.register(mercuriusAuth.default, {
    mode: 'external',
    policy: policy as never,
    authContext: (context: unknown) => identify(context as RequestContext),
    applyPolicy: async (wanted: unknown, _parent: unknown, _args: unknown, context: unknown) => {
      check(wanted as Policy, context as RequestContext);
      return true;
    },
  });
  guardSources(schema, policy, events);
  guardLinks(schema);
}

function check(policy: Policy, { auth }: RequestContext): void {
  if (policy !== 'public' && auth?.refusal != null) throw auth.refusal;
  authorise(auth?.principal ?? null, policy);
}

/** mercurius-auth wraps `resolve` alone: without this anyone could open a subscription, and fail only at its first event. */
function guardSources(schema: GraphQLSchema, policies: PolicyTable, events: EventBus): void {
  const type = schema.getSubscriptionType();
  if (type == null) return;
  for (const field of Object.values(type.getFields())) {
    const open = field.subscribe;
    if (open === undefined) throw new Error(`${type.name}.${field.name} has no source`);
    field.subscribe = async (root, args, context: RequestContext, info) => {
      check(policies[type.name]![field.name]!, context);
      const source = (await open(root, args, context, info)) as AsyncIterable<unknown>;
      const principal = context.auth?.principal;
      return principal == null ? source : whileHolds(source, principal, events);
    };
  }
}
