import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isScope, type Policy } from '../../core/auth/policies.js';
import { collectPolicies } from './collect-policies.js';

/** Adds to the description of each root field who may ask for it. */
export function describePolicies(schema: GraphQLSchema): void {
  for (const [typeName, policies] of Object.entries(collectPolicies(schema))) {
    const fields = (schema.getType(typeName) as GraphQLObjectType).getFields();
    for (const [name, policy] of Object.entries(policies)) {
      const field = fields[name]!;
      field.description = [field.description, sayWho(policy)].filter(Boolean).join(' ');
    }
  }
}

function sayWho(policy: Policy): string {
  if (isScope(policy)) return `API keys: \`${policy}\`.`;
  return { public: 'Needs no login.', user: 'Closed to API keys.', admin: 'For administrators.' }[policy];
}
