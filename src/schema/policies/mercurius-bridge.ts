import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
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
  const run = async (args: { document: DocumentNode; contextValue?: unknown; variableValues?: unknown }) => {
    for (const hook of hooks)
      await hook(schema, args.document, args.contextValue as RequestContext, args.variableValues);
  };
  const runsHooks: Plugin = {
    onExecute: ({ args }) => run(args),
    onSubscribe: ({ args }) => run(args),
  };
  return { asMercurius, runsHooks };
}
