import { fileDocs } from './download.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { generatorView, toGenerator } from './generator.view.js';
import { object, string } from './json-schema.js';
import { sendFile } from './send-file.js';
import type { Services } from './services.js';
import { readUpload } from './upload.js';

/** Trained models as files. */
export function modelEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: ['GET', 'HEAD'],
      path: '/generators/:generator_id/model',
      access: 'read',
      docs: {
        id: 'downloadModel',
        tag: 'Generation',
        summary: 'The trained model as one file',
        description:
          'A tar archive: the manifest (plugin, configuration, columns, where it was trained, privacy ledger), the plugin’s artefacts, and `SHA256SUMS`. Data, never code. Of a differentially private model it holds nothing that the ledger does not pay for.',
        errors: ['resource_not_found', 'conflict', 'range_not_satisfiable'],
        ...fileDocs,
        files: { 'application/x-tar': string({ format: 'binary' }) },
      },
      handle: async ({ principal, params, request, reply }) =>
        sendFile(await services.models.export(principal.userId, params['generator_id']!), request, reply),
    }),
    endpoint({
      method: 'POST',
      path: '/generators/import',
      access: 'write',
      status: 201,
      answer: generatorView,
      docs: {
        id: 'importModel',
        tag: 'Generation',
        summary: 'A generator from a model file',
        description:
          'Completed at once: `POST /generators/{generator_id}/generate` draws rows from it. A file that was altered, or whose plugin is not loaded here in the same version of its artefacts, is refused.',
        errors: ['bad_request', 'unsupported_format', 'payload_too_large', 'validation_error', 'insufficient_storage'],
        multipart: object(
          { file: string({ format: 'binary' }) },
          { name: string({ description: 'Default: the name of the run that trained it.', maxLength: 200 }) },
        ),
      },
      handle: async ({ principal, request }) =>
        toGenerator(await services.models.import(principal.userId, await readUpload(request, ['name']))),
    }),
  ];
}
