import { registerHooks } from 'node:module';

// Sources import each other as `.js`, the name they will be built to; unbuilt, only the `.ts` exists.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.endsWith('.js')) throw error;
      return next(`${specifier.slice(0, -3)}.ts`, context);
    }
  },
});
