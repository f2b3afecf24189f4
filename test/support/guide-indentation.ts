/**
 * The published guide lost the indentation of its Python. It comes back by rules on the lines, so that no token of a
 * snippet is touched:
 * - a line that ends with a colon opens a block; `elif`, `else`, `except` and `finally` return to the statement they go with;
 * - a method (`self` first) belongs to the class, any other `def` and `class` to the module, and so does whatever
 *   follows a comment that turns to using the code ("# Usage", "# Run tests", "# In your client methods");
 * - nothing follows a `return`, `raise`, `break` or `continue` in its block;
 * - a function's last `return` or `raise` stands in the function's own block, unless that leaves another block empty;
 * - an `if` holds one statement, unless a later one of those four ends its block.
 */
export function restoreIndentation(snippet: string): string {
  const statements = joinStatements(snippet.split('\n'));
  const open: Block[] = [];
  const lines: string[] = [];
  for (const [i, statement] of statements.entries()) {
    closeBlocks(open, statements, i);
    const indent = '    '.repeat(open.length);
    lines.push(...statement.lines.map((line) => (line === '' ? '' : indent + line)));
    const block = open.at(-1);
    if (block !== undefined && !isComment(statement) && statement.text !== '') block.statements++;
    const keyword = opener(statement.text);
    if (keyword !== undefined) open.push({ keyword, statements: 0, start: i });
  }
  return lines.join('\n');
}

interface Block {
  readonly keyword: string;
  readonly start: number;
  statements: number;
}

interface Statement {
  readonly text: string;
  /** More than one where brackets stay open at the end of a line. */
  readonly lines: readonly string[];
}

const GOES_WITH: Readonly<Record<string, readonly string[]>> = {
  elif: ['if', 'elif'],
  else: ['if', 'elif', 'for', 'while', 'except'],
  except: ['try', 'except'],
  finally: ['try', 'except', 'else'],
};
const TURNS_TO_USE = /^# (Usage|Run |In your )/;
const ENDS_BLOCK = /^(return|raise|break|continue)\b/;
const ENDS_FUNCTION = /^(return|raise)\b/;

function closeBlocks(open: Block[], statements: readonly Statement[], i: number): void {
  const { text } = statements[i]!;
  if (text === '') return;
  if (TURNS_TO_USE.test(text) || /^(async )?def (?!\w+\(\s*self\b)|^class |^@/.test(text)) {
    open.length = 0;
    return;
  }
  if (isComment(statements[i]!)) return;
  if (/^(async )?def /.test(text)) {
    closeTo(open, open.findLastIndex(({ keyword }) => keyword === 'class') + 1);
    return;
  }
  const partners = GOES_WITH[/^\w+/.exec(text)?.[0] ?? ''];
  if (partners !== undefined) {
    closeTo(
      open,
      open.findLastIndex(({ keyword }) => partners.includes(keyword)),
    );
    return;
  }
  const previous = previousStatement(statements, i);
  if (previous !== undefined && ENDS_BLOCK.test(previous.text)) open.pop();
  const justOpened = open.at(-1)?.statements === 0;
  if (!justOpened && ENDS_FUNCTION.test(text) && isLastOfFunction(statements, i)) {
    closeTo(open, open.findLastIndex(({ keyword }) => keyword === 'def') + 1);
  } else if (open.at(-1)?.keyword === 'if' && !justOpened && !isEndedLater(statements, i)) {
    open.pop();
  }
}

function closeTo(open: Block[], length: number): void {
  open.length = Math.max(length, 0);
}

/** The keyword of a statement that opens a block. */
function opener(text: string): string | undefined {
  const code = text.replace(/\s+#.*$/, '');
  if (!code.endsWith(':') || code.startsWith('#')) return undefined;
  return /^(?:async )?(\w+)/.exec(code)?.[1];
}

/** Whether a statement before the function's last one leaves the block in which statement `i` stands. */
function isEndedLater(statements: readonly Statement[], i: number): boolean {
  for (let j = i; j < statements.length && !isBoundary(statements[j]!); j++) {
    if (opener(statements[j]!.text) !== undefined) return false;
    if (ENDS_BLOCK.test(statements[j]!.text)) return !isLastOfFunction(statements, j);
  }
  return false;
}

function isLastOfFunction(statements: readonly Statement[], i: number): boolean {
  const next = statements.slice(i + 1).find((statement) => statement.text !== '');
  return next === undefined || isBoundary(next);
}

function isBoundary({ text }: Statement): boolean {
  return TURNS_TO_USE.test(text) || /^(async )?def |^class |^@/.test(text);
}

function previousStatement(statements: readonly Statement[], i: number): Statement | undefined {
  return statements.slice(0, i).findLast((statement) => statement.text !== '' && !isComment(statement));
}

function isComment({ text }: Statement): boolean {
  return text.startsWith('#');
}

/** Lines within open brackets belong to the statement that opened them. */
function joinStatements(lines: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  let pending: string[] = [];
  let depth = 0;
  for (const line of lines) {
    pending.push(line);
    depth += bracketBalance(line);
    if (depth > 0) continue;
    statements.push({ text: pending.join('\n'), lines: pending });
    pending = [];
  }
  if (pending.length > 0) throw new Error(`A bracket is never closed: ${pending[0]}`);
  return statements;
}

function bracketBalance(line: string): number {
  const code = line.replaceAll(/("""|'''|"|')(?:\\.|(?!\1).)*\1/g, '').replace(/#.*$/, '');
  return [...code].reduce((sum, c) => sum + ('([{'.includes(c) ? 1 : ')]}'.includes(c) ? -1 : 0), 0);
}
