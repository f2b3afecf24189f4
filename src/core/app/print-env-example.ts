import { CONFIG_VARIABLES } from './config.js';

/** Prints `.env.example`: every variable with its default and its meaning. */
const lines = CONFIG_VARIABLES.map(({ name, default: value, description }) =>
  [...(description === '' ? [] : [`# ${description}`]), `# ${name}=${value}`].join('\n'),
);
process.stdout.write(`${lines.join('\n\n')}\n`);
