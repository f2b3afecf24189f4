import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: object;
}

/** Holds JSON answers to what the OpenAPI document says of them. */
export function createAnswerCheck(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'document', components: document.components });
  const known = new Map<object, ValidateFunction>();
  const paths = Object.keys(document.paths)
    // The fixed ones first: `/generators/types` is no id.
    .toSorted((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
    .map((path) => ({ path, pattern: new RegExp(`^(/api)?${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`) }));

  return function check(method: string, url: string, status: number, body: unknown): void {
    const address = url.split('?')[0]!;
    const path = paths.find(({ pattern }) => pattern.test(address))?.path;
    const operation = path === undefined ? undefined : document.paths[path]![method.toLowerCase()];
    if (operation === undefined) return;
    const what = `${method} ${path} answers ${status}`;
    const answer = operation.responses[status];
    expect(answer, `${what}, which is not documented`).toBeDefined();
    const schema = answer!.content?.['application/json']?.schema;
    if (schema === undefined || body === undefined) return;
    const validate = known.get(schema) ?? ajv.compile(absolute(schema));
    known.set(schema, validate);
    if (!validate(body)) expect.fail(`${what} unlike its schema: ${ajv.errorsText(validate.errors)}`);
  };
}

/** References of the document, from wherever they are read. */
function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')) as object;
}
