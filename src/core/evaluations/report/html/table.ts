import { Html, html } from './html.js';

export type Cell = Html | string | number | null;

export interface TableView {
  readonly caption: string;
  /** The first names the rows. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Scrolls within itself where the page is narrow: by keyboard too. */
export function renderTable({ caption, head, rows }: TableView): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(renderRow)}
      </tbody>
    </table>
  </div>`;
}

function renderRow([first, ...rest]: readonly Cell[]): Html {
  return html`<tr>
    <th scope="row">${first}</th>
    ${rest.map(renderCell)}
  </tr> `;
}

function renderCell(cell: Cell): Html {
  if (cell === null) return html`<td class="none">–</td>`;
  return typeof cell === 'number' ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`;
}
