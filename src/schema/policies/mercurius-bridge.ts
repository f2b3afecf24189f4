import type { DocumentNode, ExecutionArgs, GraphQLSchema } from 'graphql';
import fastifyPlugin from 'fastify-plugin';
import type { RequestContext } from '../context.js';

type PreExecutionHook = (
  schema: GraphQLSchema,
  document: DocumentNode,
  context: RequestContext,
  variables: unknown,
) => Promise<unknown> | unknown;

/**
 * Lets mercurius-auth run over Yoga. All that it asks for is a Fastify plugin called `mercurius` with `app.graphql`, a
 * schema whose resolvers it wraps and `preExecution` hooks; Yoga runs these before it executes or subscribes.
 */
export function createMercuriusBridge(schema: GraphQLSchema) {
  const hooks: PreExecutionHook[] = [];
  const asMercurius = fastifyPlugin(
    async (app) => {
      const host = {
        schema,
        addHook(name: string, hook: PreExecutionHook) {
          if (name !== 'preExecution') throw new Error(`The bridge to mercurius-auth has no hook "${name}"`);
          hooks.push(hook);
        },
      };
      app.decorate('graphql', host as never);
    },
    { name: 'mercurius', fastify: '5.x' },
  );
  const beforeExecution = async ({ document, contextValue, variableValues }: ExecutionArgs) => {
    for (const hook of hooks) await hook(schema, document, contextValue as RequestContext, variableValues);
  };
  return { asMercurius, beforeExecution };
}
