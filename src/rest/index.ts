import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import type { DependencyContainer } from 'tsyringe';
import { addBodyParsers, addFormParser } from './body-parsers.js';
import { addDocs } from './docs.js';
import type { Endpoint } from './endpoint.js';
import { mount, refuseOtherMethods } from './mount.js';
import { openApiDocument } from './openapi.js';
import { restEndpoints } from './routes.js';
import { createServices, type Services } from './services.js';
import { createValidatorCompiler } from './validation.js';
import { addProgressSocket, PROGRESS_ROUTE } from './websocket.js';

/** The compatibility layer, in a scope of its own: its parsers and its validation touch no other route. */
export async function registerRest(app: FastifyInstance, container: DependencyContainer): Promise<void> {
  const services = createServices(container);
  const endpoints = restEndpoints(services);
  await app.register(async (rest) => {
    rest.decorateRequest('restPrincipal', null);
    rest.decorateRequest('auditRecord', null);
    rest.decorateRequest('bodyDigest', null);
    rest.decorateRequest('isBodyRead', false);
    rest.addHook('onResponse', (request, reply, done) => {
      if (request.auditRecord !== null) services.auditTrail.close(request.auditRecord, reply.statusCode);
      done();
    });
    rest.setValidatorCompiler(createValidatorCompiler());
    addBodyParsers(rest);
    mount(
      rest,
      services,
      endpoints.filter(({ docs }) => docs.multipart === undefined && docs.form !== true),
    );
    await addForms(
      rest,
      services,
      endpoints.filter(({ docs }) => docs.form === true),
    );
    await addUploads(
      rest,
      services,
      endpoints.filter(({ docs }) => docs.multipart !== undefined),
    );
    refuseOtherMethods(rest, [...endpoints, PROGRESS_ROUTE]);
    addProgressSocket(rest, services);
    await addDocs(rest, openApiDocument(endpoints, services.plugins));
  });
}

/** What other sites have browsers post comes as a form: no other route takes one. */
async function addForms(rest: FastifyInstance, services: Services, endpoints: readonly Endpoint[]): Promise<void> {
  await rest.register(async (forms) => {
    addFormParser(forms);
    mount(forms, services, endpoints);
  });
}

/** The multipart parser puts hooks on all routes of its scope, so it has one without any other routes. */
async function addUploads(rest: FastifyInstance, services: Services, endpoints: readonly Endpoint[]): Promise<void> {
  await rest.register(async (uploads) => {
    // The size is the service's business, which counts as it reads.
    await uploads.register(multipart, { throwFileSizeLimit: false, limits: { fileSize: Infinity, fields: 100 } });
    mount(uploads, services, endpoints);
  });
}
