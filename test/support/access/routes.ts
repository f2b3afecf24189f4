import type { FastifyInstance } from 'fastify';

/** `METHOD /path` of every route that the server has, read from the tree that Fastify prints. */
export function routesOf(app: FastifyInstance): string[] {
  const routes: string[] = [];
  const path: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, part, methods] = /^((?:│ {3}| {4})*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (indent === undefined || part === undefined) continue;
    path.splice(indent.length / 4, Infinity, part);
    const address = path.join('').replace(/(?<=.)\/$/, '');
    for (const method of methods?.split(', ') ?? []) routes.push(`${method} ${address}`);
  }
  return routes;
}
