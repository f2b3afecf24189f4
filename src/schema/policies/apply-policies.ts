import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import mercuriusAuth from 'mercurius-auth';
import type { AuthService } from '../../core/auth/auth.service.js';
import { authorise, type Policy } from '../../core/auth/policies.js';
import { StudioError } from '../../core/errors/index.js';
import type { Authentication, RequestContext } from '../context.js';
import { collectPolicies, type PolicyTable } from './collect-policies.js';

/** Puts the policy of every root field in force. The app must have mercurius-auth's host: mercurius-bridge.ts. */
export async function applyPolicies(app: FastifyInstance, schema: GraphQLSchema, auth: AuthService): Promise<void> {
  const policy = collectPolicies(schema);
  await app.register(mercuriusAuth.default, {
    mode: 'external',
    policy: policy as never,
    authContext: (context: unknown) => authenticate(auth, (context as RequestContext).bearer),
    applyPolicy: async (wanted: unknown, _parent: unknown, _args: unknown, context: unknown) => {
      check(wanted as Policy, context as RequestContext);
      return true;
    },
  });
  guardSources(schema, policy);
}

async function authenticate(auth: AuthService, bearer: string | undefined): Promise<Authentication> {
  if (bearer === undefined) return { principal: null, refusal: null };
  try {
    return { principal: await auth.authenticate(bearer), refusal: null };
  } catch (error) {
    // A stale token must not keep its owner from logging in; the first field that asks for a caller tells of it.
    if (error instanceof StudioError) return { principal: null, refusal: error };
    throw error;
  }
}

function check(policy: Policy, { auth }: RequestContext): void {
  if (policy !== 'public' && auth?.refusal != null) throw auth.refusal;
  authorise(auth?.principal ?? null, policy);
}

/** mercurius-auth wraps `resolve` alone: without this anyone could open a subscription, and fail only at its first event. */
function guardSources(schema: GraphQLSchema, policies: PolicyTable): void {
  const type = schema.getSubscriptionType();
  if (type == null) return;
  for (const field of Object.values(type.getFields())) {
    const open = field.subscribe;
    if (open === undefined) throw new Error(`${type.name}.${field.name} has no source`);
    field.subscribe = async (root, args, context: RequestContext, info) => {
      check(policies[type.name]![field.name]!, context);
      return open(root, args, context, info);
    };
  }
}
