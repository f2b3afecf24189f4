/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literals(texts: readonly string[]): string {
  return texts.map(literal).join(', ');
}

/** The columns of a stored table by position: names given by people never become SQL names. */
export function cell(index: number): string {
  return `c${index}`;
}

/** The kept spelling of column `index`. */
export function spelledCell(index: number): string {
  return `t${index}`;
}
