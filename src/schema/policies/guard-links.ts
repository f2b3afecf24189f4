import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { authorise } from '../../core/auth/policies.js';
import type { RequestContext } from '../context.js';

/**
 * What a mutation made leads on to other things and to rows. An API key without the scope `read` gets no further: a
 * field that leads to a node or a list is as much a reading as the root field that does.
 */
export function guardLinks(schema: GraphQLSchema): void {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    // The parts of a list are reached through a field that is guarded itself.
    if (!isObjectType(type) || roots.has(type) || /(?:Connection|Edge)$/.test(type.name)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isLink(field.type)) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: RequestContext, info) => {
        const principal = context.auth?.principal;
        if (principal?.apiKey !== undefined) authorise(principal, 'read');
        return resolve(source, args, context, info);
      };
    }
  }
}

function isLink(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  if (named.name.endsWith('Connection') || named.name === 'Node') return true;
  return (isObjectType(named) || isInterfaceType(named)) && named.getInterfaces().some(({ name }) => name === 'Node');
}
