import type { Dataset } from '../../core/datasets/dataset.entity.js';
import { invalid } from '../../core/errors/index.js';
import { type ConnectionArguments, pageRequest } from '../connections.js';
import type { RequestContext } from '../context.js';
import type { SchemaKit } from '../enums.js';
import type { Row, RowPage } from '../shapes.js';

export function addRows({ builder }: SchemaKit): void {
  builder.objectType('Row', {
    fields: (t) => ({
      index: t.int({ description: 'Its place in the table, from 0.', resolve: ({ index }) => index }),
      values: t.field({
        type: ['Cell'],
        nullable: { list: false, items: true },
        description: 'In the order of the connection’s `columns`.',
        resolve: ({ values }) => values,
      }),
    }),
  });
  builder.objectType('RowEdge', {
    fields: (t) => ({
      cursor: t.exposeString('cursor'),
      node: t.field({ type: 'Row', resolve: ({ node }) => node }),
    }),
  });
  builder.objectType('RowConnection', {
    description: 'A preview of a table’s rows; the whole of it is fetched through `downloadUrl`.',
    fields: (t) => ({
      columns: t.exposeStringList('columns'),
      edges: t.field({
        type: ['RowEdge'],
        resolve: ({ rows }) => rows.map((node) => ({ cursor: cursorOf(node), node })),
      }),
      pageInfo: t.field({ type: builder.pageInfoRef(), resolve: pageInfo }),
      totalCount: t.field({ type: 'SafeInt', resolve: ({ totalCount }) => totalCount }),
    }),
  });
}

export async function rowPage(dataset: Dataset, page: ConnectionArguments, context: RequestContext): Promise<RowPage> {
  const { limit, after } = pageRequest(page);
  const offset = after === undefined ? 0 : parseCursor(after) + 1;
  const rows = await context.services.datasets.preview(dataset, offset, limit);
  return {
    columns: dataset.columns.map(({ name }) => name),
    rows: rows.map((values, i) => ({ index: offset + i, values })),
    totalCount: dataset.rowCount,
  };
}

function pageInfo({ rows, totalCount }: RowPage) {
  const [first] = rows;
  const last = rows.at(-1);
  return {
    hasPreviousPage: first !== undefined && first.index > 0,
    hasNextPage: last !== undefined && last.index + 1 < totalCount,
    startCursor: first === undefined ? null : cursorOf(first),
    endCursor: last === undefined ? null : cursorOf(last),
  };
}

function cursorOf({ index }: Row): string {
  return String(index);
}

function parseCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw invalid({ field: 'after', message: 'Not a cursor of this list', code: 'invalid_format' });
}
