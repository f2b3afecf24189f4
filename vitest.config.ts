import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Decorator metadata must survive the transform, or tsyringe and TypeORM see no types.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  // One copy of graphql, whatever imports it: its instanceof checks refuse types of another realm.
  resolve: { alias: { graphql: 'graphql/index.js' } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for processes of their own: two files at a time, also on a machine of two cores.
    maxWorkers: 2,
    fsModuleCache: false,
  },
});
