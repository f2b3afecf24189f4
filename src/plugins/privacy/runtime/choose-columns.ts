import { type ColumnKind, type WholeTable } from '../../../core/plugin-api/index.js';

/** Which columns the attacks are about. */
export interface ChosenColumns {
  /** Guessed one by one in the inference attack. */
  readonly secrets: readonly string[];
  readonly sensitive: readonly string[];
  readonly known: readonly string[];
  readonly notes: readonly string[];
}

const SENSITIVE_BY_DEFAULT = 3;
const KNOWN_BY_DEFAULT = 5;

/** Named ones where the request or the config names any; else the table's last columns are sensitive, its first known. */
export function chooseColumns(
  { schema }: WholeTable,
  named: readonly string[],
  knownNamed: readonly string[],
): ChosenColumns {
  const compared = schema.columns.filter(({ kind }) => isCompared(kind)).map(({ name }) => name);
  const notes = [...named, ...knownNamed]
    .filter((name) => !compared.includes(name))
    .map((name) => `"${name}" is no column that the attacks can read: it was left out of them.`);
  const asked = named.filter((name) => compared.includes(name));
  const sensitive = asked.length > 0 ? asked : compared.slice(-Math.min(SENSITIVE_BY_DEFAULT, compared.length - 1));
  const others = compared.filter((name) => !sensitive.includes(name));
  const askedKnown = knownNamed.filter((name) => others.includes(name));
  const known = askedKnown.length > 0 ? askedKnown : others.slice(0, KNOWN_BY_DEFAULT);
  const chosen = compared.length < 2 ? { sensitive: [], known: [] } : { sensitive, known };
  return { secrets: asked.length > 0 ? asked : compared, ...chosen, notes: [...notes, ...describe(chosen, asked)] };
}

function isCompared(kind: ColumnKind): boolean {
  return kind !== 'identifier' && kind !== 'text';
}

function describe(chosen: Pick<ChosenColumns, 'sensitive' | 'known'>, asked: readonly string[]): string[] {
  if (chosen.sensitive.length === 0 || chosen.known.length === 0) return [];
  const why = asked.length > 0 ? 'as asked' : "the table's last columns, since none was named as sensitive";
  return [`Disclosure is of ${quoted(chosen.sensitive)} (${why}), to someone who knows ${quoted(chosen.known)}.`];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
