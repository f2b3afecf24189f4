import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isScope, type Policy } from '../../core/auth/policies.js';
import { isCreating } from '../idempotency.js';
import { collectPolicies } from './collect-policies.js';

const HAPPENS_ONCE = 'With an `Idempotency-Key` header it happens once.';

/** Adds to the description of each root field who may ask for it, and which may be repeated safely. */
export function describePolicies(schema: GraphQLSchema): void {
  for (const [typeName, policies] of Object.entries(collectPolicies(schema))) {
    const fields = (schema.getType(typeName) as GraphQLObjectType).getFields();
    for (const [name, policy] of Object.entries(policies)) {
      const field = fields[name]!;
      const once = isCreating(field) ? HAPPENS_ONCE : undefined;
      field.description = [field.description, once, sayWho(policy)].filter(Boolean).join(' ');
    }
  }
}

function sayWho(policy: Policy): string {
  if (isScope(policy)) return `API keys: \`${policy}\`.`;
  return { public: 'Needs no login.', user: 'Closed to API keys.', admin: 'For administrators.' }[policy];
}
