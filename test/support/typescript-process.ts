/** Node options with which a child process runs the project's sources as they are, without a build. */
export const typescriptExecArgv: readonly string[] = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('./typescript-loader.mjs', import.meta.url).href,
];
