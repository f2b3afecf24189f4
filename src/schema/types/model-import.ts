import { spend } from '../admission.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';
import { given } from '../given.js';

export function addModelImport({ builder }: SchemaKit): void {
  const imported = addResult(builder, 'ImportModelResult', {
    success: ['Generator'],
    errors: ['BadRequestError', 'ValidationError', 'LimitError', 'UnavailableError'],
  });
  builder.mutationField('importModel', (t) =>
    t.field({
      type: imported.type,
      policy: 'write',
      creates: true,
      description:
        'A generator, completed, from a model file (`Generator.modelUrl`): `sample` draws rows from it. A file that was altered is refused.',
      args: { file: t.arg({ type: 'File', required: true }), name: t.arg.string() },
      resolve: (_root, { file, ...details }, context) =>
        imported.of(() => {
          const { userId } = callerOf(context);
          spend(context, (limits) => limits.countUpload(userId));
          return context.services.models.import(userId, { stream: file.stream, details: () => given(details) });
        }, renameFields),
    }),
  );
}
