// Which way imports may point: docs/adr/0002. `node scripts/check-imports.mjs [root]` ends non-zero and names each violation.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s*(?:[^'"();]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
const TENSORS = /^(@tensorflow\/|onnxruntime)/;
const DATABASE = /^(typeorm|sqlite3|node:sqlite|@duckdb\/)/;
const OPTIONAL = /^sqlite3$/;
const HTTP = /^(fastify|@fastify\/|graphql|@pothos\/|node:https?$|undici)/;

/** Each rule: the files that it binds, and what an import of theirs must not be. Targets are repository paths or package names. */
const RULES = [
  {
    name: 'core imports no door and no plugin',
    binds: (file) => file.startsWith('src/core/'),
    forbids: (target) => /^src\/(schema|rest|plugins)\//.test(target),
  },
  {
    name: 'the doors never meet',
    binds: (file) => /^src\/(schema|rest)\//.test(file),
    forbids: (target, file) =>
      target.startsWith('src/plugins/') ||
      target.startsWith(file.startsWith('src/rest/') ? 'src/schema/' : 'src/rest/'),
  },
  {
    name: 'a plugin imports its own folder and the public plugin API alone',
    binds: (file) => /^src\/plugins\/[^/]+\//.test(file),
    forbids: (target, file) => {
      if (!target.startsWith('src/')) return DATABASE.test(target) || HTTP.test(target) || TENSORS.test(target);
      return !target.startsWith(folderOf(file, 3)) && !target.startsWith('src/core/plugin-api/');
    },
  },
  {
    name: 'the public plugin API imports nothing of the studio',
    binds: (file) => file.startsWith('src/core/plugin-api/'),
    forbids: (target) => target.startsWith('src/') && !target.startsWith('src/core/plugin-api/'),
  },
  {
    name: 'tensor libraries are loaded by core/compute alone',
    binds: (file) => !/^src\/core\/(compute|plugin-api)\//.test(file),
    forbids: (target) => TENSORS.test(target),
  },
  {
    name: 'the database is reached from core alone',
    binds: (file) => !file.startsWith('src/core/'),
    forbids: (target) => DATABASE.test(target),
  },
  {
    name: 'an optional package is required where it is used, since without it the studio must build',
    binds: () => true,
    forbids: (target) => OPTIONAL.test(target),
  },
  {
    name: 'core speaks no HTTP',
    binds: (file) => file.startsWith('src/core/'),
    forbids: (target) => /^(fastify|@fastify\/|graphql|@pothos\/)/.test(target),
  },
];

const violations = sources(join(root, 'src')).flatMap((path) => {
  const file = repositoryPath(path);
  return importsOf(path).flatMap((target) =>
    RULES.filter((rule) => rule.binds(file) && rule.forbids(target, file)).map(
      (rule) => `${file} imports ${target}: ${rule.name}`,
    ),
  );
});

if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exit(1);
}

function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, fixed, lazy]) => {
    const specifier = fixed ?? lazy;
    return specifier.startsWith('.') ? repositoryPath(normalize(join(dirname(path), specifier))) : specifier;
  });
}

function repositoryPath(path) {
  return relative(root, path).split(sep).join('/');
}

function folderOf(file, depth) {
  return `${file.split('/').slice(0, depth).join('/')}/`;
}
