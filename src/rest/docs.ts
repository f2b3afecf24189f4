import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';

/** `/openapi.json`, and Swagger UI at `/docs` from files of its own: it works without a network. */
export async function addDocs(rest: FastifyInstance, document: object): Promise<void> {
  const text = JSON.stringify(document);
  rest.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(text));
  await rest.register(swagger, { mode: 'static', specification: { document: document as never } });
  await rest.register(swaggerUi, {
    routePrefix: '/docs',
    uiHooks: { onRequest: toFolder },
    uiConfig: { persistAuthorization: true, validatorUrl: null },
    staticCSP: {
      'default-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'frame-ancestors': ["'self'"],
    },
  });
}

/** The page names its files relative to itself only when its address ends with a slash, and a prefix is kept only then. */
const toFolder: onRequestHookHandler = (request, reply, next) => {
  if (/\/docs(\?|$)/.test(request.originalUrl)) void reply.redirect('docs/');
  else next();
};
