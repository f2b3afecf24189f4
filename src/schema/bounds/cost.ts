import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { StudioError } from '../../core/errors/index.js';
import { DEFAULT_PAGE_SIZE } from '../../core/persistence/paging.js';
import { fragmentsOf } from './shape-rule.js';

/**
 * Objects that an operation may ask for, counted before it runs: each object is 1, what is within a page counts as often
 * as the page has items, and a change costs as much as a large page. A page of 1000 datasets with all that is in them
 * passes, a page of 1000 within a page of 1000 doesn't.
 */
const MAXIMUM_COST = 50_000;
const MUTATION_COST = 5_000;
/** Lists that are not paged are short: columns, metrics, warnings. */
const LIST_LENGTH = 10;

/** Costs kept for each operation, by the page sizes that its variables held. */
const REMEMBERED = 20;

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Works the cost of an operation out once for each set of page sizes, and forgets it with the cached document. */
export class CostMeter {
  readonly #measured = new WeakMap<DocumentNode, Map<string, Measured>>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** Throws `bad_request` for an operation that asks for too much. The document must be valid. */
  check(document: DocumentNode, operationName: string | null | undefined, variables: Variables): void {
    const { operation, sizeNames, costs } = this.#operationOf(document, operationName);
    if (operation === null) return;
    const key = sizeNames.length === 0 ? '' : sizeNames.map((name) => String(variables?.[name])).join();
    const cost = costs.get(key) ?? costOf(this.schema, document, operation, variables);
    if (costs.size < REMEMBERED) costs.set(key, cost);
    if (cost <= MAXIMUM_COST) return;
    const detail = `The operation may ask for ${cost} objects, and ${MAXIMUM_COST} are allowed: ask for smaller pages`;
    throw new StudioError('bad_request', detail);
  }

  #operationOf(document: DocumentNode, operationName: string | null | undefined): Measured {
    let operations = this.#measured.get(document);
    if (operations === undefined) this.#measured.set(document, (operations = new Map<string, Measured>()));
    const name = operationName ?? '';
    const known = operations.get(name);
    if (known !== undefined) return known;
    const operation = getOperationAST(document, operationName) ?? null;
    const measured = { operation, sizeNames: sizeNamesIn(document), costs: new Map<string, number>() };
    operations.set(name, measured);
    return measured;
  }
}

interface Measured {
  readonly operation: OperationDefinitionNode | null;
  /** Variables that hold page sizes. */
  readonly sizeNames: readonly string[];
  readonly costs: Map<string, number>;
}

function sizeNamesIn(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Argument({ name, value }) {
      if (name.value === 'first' && value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

interface Scope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly sizes: (variable: string) => unknown;
  /** A fragment costs the same wherever it is used, and is walked once. */
  readonly known: Map<string, number>;
}

function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const defaults = defaultsOf(operation);
  const scope: Scope = {
    schema,
    fragments: fragmentsOf(document),
    sizes: (name) => variables?.[name] ?? defaults.get(name),
    known: new Map(),
  };
  const { selectionSet } = operation;
  const changes = operation.operation === 'mutation' ? MUTATION_COST * selectionSet.selections.length : 0;
  return changes + selectionCost(selectionSet, schema.getRootType(operation.operation) ?? undefined, scope);
}

function selectionCost(set: SelectionSetNode, type: GraphQLNamedType | undefined, scope: Scope): number {
  let cost = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) cost += fieldCost(selection, type, scope);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += fragmentCost(selection.name.value, scope);
    else {
      const name = selection.typeCondition?.name.value;
      const narrowed = name === undefined ? type : scope.schema.getType(name);
      cost += selectionCost(selection.selectionSet, narrowed, scope);
    }
  }
  return cost;
}

function fragmentCost(name: string, scope: Scope): number {
  const known = scope.known.get(name);
  if (known !== undefined) return known;
  const { selectionSet, typeCondition } = scope.fragments.get(name)!;
  const cost = selectionCost(selectionSet, scope.schema.getType(typeCondition.name.value), scope);
  scope.known.set(name, cost);
  return cost;
}

/** Nothing for a leaf, nor for introspection, which is bounded by its depth. */
function fieldCost(node: FieldNode, type: GraphQLNamedType | undefined, scope: Scope): number {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined || node.selectionSet === undefined) return 0;
  return 1 + sizeOf(node, field, scope) * selectionCost(node.selectionSet, getNamedType(field.type), scope);
}

/** How often what is within a field counts: the size of a page, and a few for a list that is not paged. */
function sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>, { sizes }: Scope): number {
  if (!field.args.some(({ name }) => name === 'first')) {
    // The edges of a page were counted with the page.
    return isListType(getNullableType(field.type)) && field.name !== 'edges' ? LIST_LENGTH : 1;
  }
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  const size =
    given?.kind === Kind.VARIABLE ? sizes(given.name.value) : given?.kind === Kind.INT && Number(given.value);
  return typeof size === 'number' && size > 0 ? size : DEFAULT_PAGE_SIZE;
}

function defaultsOf(operation: OperationDefinitionNode): ReadonlyMap<string, unknown> {
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue?.kind === Kind.INT) defaults.set(variable.name.value, Number(defaultValue.value));
  }
  return defaults;
}
