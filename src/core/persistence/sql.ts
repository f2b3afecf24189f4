/** A piece of a statement: text with a `?` in place of each value, and the values in their order. */
export interface SqlPart {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Makes a piece of SQL: values become parameters, other pieces are put in as they are. */
export function sql(texts: TemplateStringsArray, ...parts: readonly unknown[]): SqlPart {
  let text = texts[0]!;
  const values: unknown[] = [];
  for (const [i, part] of parts.entries()) {
    if (part instanceof Piece) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += texts[i + 1]!;
  }
  return new Piece(text, values);
}

/** Text of the studio's own, like the name of a column; never anything that a caller sent. */
sql.raw = (text: string): SqlPart => new Piece(text, []);

export function allOf(conditions: readonly SqlPart[]): SqlPart {
  return joined(conditions, ' AND ');
}

/** For `IN`, where an empty list finds nothing. */
export function listOf(values: readonly unknown[]): SqlPart {
  return new Piece(`(${values.map(() => '?').join(', ')})`, values);
}

function joined(pieces: readonly SqlPart[], between: string): SqlPart {
  const text = pieces.map((piece) => piece.text).join(between);
  return new Piece(
    text,
    pieces.flatMap(({ values }) => values),
  );
}

class Piece implements SqlPart {
  constructor(
    readonly text: string,
    readonly values: readonly unknown[],
  ) {}
}
