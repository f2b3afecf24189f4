import type ExcelJS from 'exceljs';
import { TableError } from '../table-error.js';
import { CellWriter } from './cell-writer.js';
import type { Conversion } from './conversion.js';
import { checkArchive, type InflationLimits } from './zip-limits.js';

/** The first sheet of a workbook: its first row that holds anything is the header. */
export async function convertXlsx(
  path: string,
  filename: string,
  target: string,
  limits: InflationLimits,
): Promise<Conversion> {
  const entries = await checkArchive(path, filename, limits);
  if (!entries.includes('xl/workbook.xml')) {
    throw new TableError('unsupported_format', `${filename} is a ZIP archive, but not an Excel workbook`);
  }
  const writer = new CellWriter(target);
  try {
    return await writeFirstSheet(path, writer);
  } finally {
    writer.close();
  }
}

async function writeFirstSheet(path: string, writer: CellWriter): Promise<Conversion> {
  // Loading it takes longer than most conversions, and most need it not.
  const { default: excel } = await import('exceljs');
  const workbook = new excel.stream.xlsx.WorkbookReader(path, {
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    worksheets: 'emit',
    entries: 'ignore',
  });
  let names: string[] | null = null;
  for await (const sheet of workbook) {
    for await (const row of sheet) {
      // exceljs counts cells from 1.
      const cells = Array.from(row.values as ExcelJS.CellValue[], cellText).slice(1);
      while (cells.length > 0 && cells.at(-1) === null) cells.pop();
      if (names === null) {
        if (cells.length > 0) names = cells.map((cell) => cell ?? '');
      } else if (cells.length > 0) writer.writeRow(fitted(cells, names.length, row.number));
    }
    break;
  }
  return { names: names ?? [], rowCount: writer.rowCount };
}

function fitted(cells: (string | null)[], width: number, line: number): (string | null)[] {
  if (cells.length > width) {
    throw new TableError('ragged_row', `Row ${line} has ${cells.length} cells where the header has ${width}`, { line });
  }
  while (cells.length < width) cells.push(null);
  return cells;
}

function cellText(value: ExcelJS.CellValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return dateText(value);
  if (typeof value !== 'object') return String(value);
  if ('richText' in value) return value.richText.map((run) => run.text).join('');
  if ('error' in value) return null;
  if ('text' in value) return String(value.text);
  return cellText(value.result as ExcelJS.CellValue);
}

/** ISO 8601; the time only where there is one. */
function dateText(date: Date): string {
  const text = date.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}
