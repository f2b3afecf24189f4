import { type GraphQLField, type GraphQLSchema } from 'graphql';
import { POLICIES, type Policy } from '../../core/auth/policies.js';

/** Policies by type and field, as mercurius-auth's external mode takes them. */
export type PolicyTable = Readonly<Record<string, Readonly<Record<string, Policy>>>>;

/** Reads the policy of each root field from its options. A field without one stops the start: nothing is open by neglect. */
export function collectPolicies(schema: GraphQLSchema): PolicyTable {
  const table: Record<string, Record<string, Policy>> = {};
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (type == null) continue;
    table[type.name] = {};
    for (const field of Object.values(type.getFields())) table[type.name]![field.name] = policyOf(type.name, field);
  }
  return table;
}

function policyOf(typeName: string, field: GraphQLField<unknown, unknown>): Policy {
  const options = field.extensions['pothosOptions'] as { policy?: Policy } | undefined;
  const policy = options?.policy;
  if (policy === undefined || !POLICIES.includes(policy)) {
    throw new Error(`${typeName}.${field.name} names no policy: every root field must say who may call it`);
  }
  return policy;
}
