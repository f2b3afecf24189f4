import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Fields within fields. The deepest way through the schema has 10. */
const MAXIMUM_DEPTH = 15;
/** Of the whole operation. */
const MAXIMUM_ALIASES = 50;
/** Introspection has bounds of its own, in graphql-js. */
const INTROSPECTION = new Set(['__schema', '__type']);

interface Shape {
  readonly depth: number;
  readonly aliases: number;
}
const NOTHING: Shape = { depth: 0, aliases: 0 };

/** A validation rule, so a document is measured once and remembered with the rest of its validation. */
export function boundsShape(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const { depth, aliases } = measure(operation.selectionSet, fragmentsOf(context.getDocument()), new Map());
      if (depth > MAXIMUM_DEPTH) {
        context.reportError(tooMuch(`is ${depth} levels deep`, MAXIMUM_DEPTH));
      }
      if (aliases > MAXIMUM_ALIASES) {
        context.reportError(tooMuch(`has ${aliases} aliases`, MAXIMUM_ALIASES));
      }
      return false;
    },
  };
}

function tooMuch(what: string, maximum: number): GraphQLError {
  return new GraphQLError(`The operation ${what}, and ${maximum} are allowed`);
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** A fragment is measured once, however often it is used; one within itself, which another rule refuses, counts nothing. */
function measure(set: SelectionSetNode, fragments: Fragments, known: Map<string, Shape>): Shape {
  let depth = 0;
  let aliases = 0;
  for (const selection of set.selections) {
    const inner = measureInner(selection, fragments, known);
    depth = Math.max(depth, inner.depth + (selection.kind === Kind.FIELD ? 1 : 0));
    aliases += inner.aliases + (selection.kind === Kind.FIELD && selection.alias !== undefined ? 1 : 0);
  }
  return { depth, aliases };
}

function measureInner(
  selection: SelectionSetNode['selections'][number],
  fragments: Fragments,
  known: Map<string, Shape>,
): Shape {
  if (selection.kind !== Kind.FRAGMENT_SPREAD) {
    const skipped = selection.kind === Kind.FIELD && INTROSPECTION.has(selection.name.value);
    if (skipped || selection.selectionSet === undefined) return NOTHING;
    return measure(selection.selectionSet, fragments, known);
  }
  const name = selection.name.value;
  const found = known.get(name);
  if (found !== undefined) return found;
  const fragment = fragments.get(name);
  if (fragment === undefined) return NOTHING;
  known.set(name, NOTHING);
  const shape = measure(fragment.selectionSet, fragments, known);
  known.set(name, shape);
  return shape;
}

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}
