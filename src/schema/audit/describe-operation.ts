import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { fragmentsOf } from '../bounds/shape-rule.js';

/** What the audit trail says of an operation. */
export interface OperationFacts {
  /** As in `MUTATION generate`: the kind and the root fields, since the name is whatever the client likes. */
  readonly action: string;
  /** `/graphql/FIELD`, with the ids that the root fields were given. */
  readonly resource: string;
}

type Variables = Readonly<Record<string, unknown>> | null | undefined;
interface Root {
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
}
interface Described {
  readonly action: string;
  readonly roots: readonly Root[];
}

const ID_NAME = /^id$|Id$|^ids$|Ids$/;
const DEEPEST_INPUT = 3;
const described = new WeakMap<DocumentNode, Map<string, Described | null>>();

/** Null for an operation that asks only about the schema. */
export function describeOperation(
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): OperationFacts | null {
  const known = rootsOf(document, operationName);
  if (known === null) return null;
  const resource = known.roots.map((root) => ['/graphql', root.name, ...idsOf(root, variables)].join('/')).join(', ');
  return { action: known.action, resource };
}

/** Names of the fields that an operation begins with, those in fragments too. */
export function rootFieldNames(document: DocumentNode, operationName: string | null | undefined): string[] {
  return rootsOf(document, operationName)?.roots.map(({ name }) => name) ?? [];
}

function rootsOf(document: DocumentNode, operationName: string | null | undefined): Described | null {
  let operations = described.get(document);
  if (operations === undefined) described.set(document, (operations = new Map<string, Described | null>()));
  const key = operationName ?? '';
  const known = operations.get(key);
  if (known !== undefined) return known;
  const found = findRoots(document, operationName);
  operations.set(key, found);
  return found;
}

function findRoots(document: DocumentNode, operationName: string | null | undefined): Described | null {
  const operation = getOperationAST(document, operationName);
  if (operation == null) return null;
  const fields = new Set<FieldNode>();
  collect(operation.selectionSet, fragmentsOf(document), new Set(), fields);
  const roots = [...fields]
    .filter(({ name }) => !name.value.startsWith('__'))
    .map((field) => ({ name: field.name.value, arguments: field.arguments ?? [] }));
  if (roots.length === 0) return null;
  const names = [...new Set(roots.map(({ name }) => name))].join(', ');
  return { action: `${operation.operation.toUpperCase()} ${names}`, roots };
}

function collect(
  { selections }: SelectionSetNode,
  fragments: ReturnType<typeof fragmentsOf>,
  seen: Set<string>,
  found: Set<FieldNode>,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) found.add(selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, fragments, seen, found);
    else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment !== undefined) collect(fragment.selectionSet, fragments, seen, found);
    }
  }
}

/** Nothing but ids: what else is among the arguments may be anybody's secret. */
function idsOf(root: Root, variables: Variables): string[] {
  return root.arguments.flatMap(({ name, value }) => idsIn(name.value, valueOf(value, variables), DEEPEST_INPUT));
}

function idsIn(name: string, value: unknown, depth: number): string[] {
  if (typeof value === 'string') return ID_NAME.test(name) ? [value] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((item) => idsIn(name, item, depth - 1));
  return Object.entries(value).flatMap(([key, inner]) => idsIn(key, inner, depth - 1));
}

function valueOf(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables?.[node.name.value];
  if (node.kind === Kind.LIST) return node.values.map((item) => valueOf(item, variables));
  if (node.kind === Kind.OBJECT) {
    return Object.fromEntries(node.fields.map((field) => [field.name.value, valueOf(field.value, variables)]));
  }
  return node.kind === Kind.STRING ? node.value : null;
}
