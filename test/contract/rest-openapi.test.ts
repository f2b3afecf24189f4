import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE } from '../../src/core/errors/index.js';
import { createRestClient, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
const routes: string[] = [];

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
});
afterAll(() => studio?.close());

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, any>> };
}

const read = async () => (await call<Document>('GET', '/openapi.json')).body;
const operations = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  it('describes the routes that there are', async () => {
    const document = await read();
    expect(document.openapi).toBe('3.1.0');
    for (const { path, method } of operations(document)) {
      const url = path.replaceAll(/\{\w+\}/g, 'x');
      routes.push(`${method} ${path}`);
      expect(
        studio.app.hasRoute({
          method: method.toUpperCase() as 'GET',
          url: path
            .replaceAll(/\{generator_id\}/g, path.startsWith('/ws') ? ':id' : ':generator_id')
            .replaceAll(/\{(\w+)\}/g, ':$1'),
        }),
        `${method} ${url}`,
      ).toBe(true);
    }
    expect(routes.length).toBeGreaterThan(30);
  });

  it('names each operation once, and each parameter of its path', async () => {
    const all = operations(await read());
    const ids = all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of all) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('has every reference resolved, and every error type', async () => {
    const document = await read();
    const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
    const missing = references.filter(
      (reference) => !Object.hasOwn(document.components.schemas, reference.split('/').at(-1)!),
    );
    expect(missing).toEqual([]);
    expect(document.components.schemas['Error'].properties.type.enum).toEqual(Object.keys(ERROR_CATALOGUE));
  });

  it('tells that a route needs a token, and its failures', async () => {
    for (const { path, operation } of operations(await read())) {
      const isOpen = /^\/(auth\/(register|login|refresh|providers|oauth|saml)|health|metrics|ws)/.test(path);
      expect([path, '401' in operation.responses && operation.security !== undefined]).toEqual([path, !isOpen]);
      if (!path.startsWith('/ws'))
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['422', '500']));
    }
  });

  it('describes the configs of the loaded plugins by their own schemas', async () => {
    const { components } = await read();
    const body = (await call('GET', '/openapi.json')).body.paths['/generators/dataset/{dataset_id}/generate'].post
      .requestBody;
    const { generator_type: type, config } = body.content['application/json'].schema.properties;
    expect(type.enum).toContain('gaussian-copula');
    expect(config.anyOf).toContainEqual({ $ref: '#/components/schemas/GaussianCopulaConfig' });
    expect(components.schemas['GaussianCopulaConfig']).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

describe('the documentation', () => {
  it.each(['/docs/', '/api/docs/'])('is a page at %s that reaches for nothing elsewhere', async (url) => {
    const page = await call('GET', url);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\.\//);
      const asset = await call('GET', new URL(link, `http://x${url}`).pathname);
      expect([link, asset.status]).toEqual([link, 200]);
    }
  });

  it('is found without the slash too', async () => {
    for (const url of ['/docs', '/api/docs']) {
      const { status, headers } = await call('GET', url);
      expect([status, new URL(headers['location']!, `http://x${url}`).pathname]).toEqual([302, `${url}/`]);
    }
  });
});
