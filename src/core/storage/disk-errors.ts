const OUT_OF_SPACE = new Set(['ENOSPC', 'EDQUOT']);

export function isOutOfSpace(error: unknown): boolean {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // DuckDB and SQLite tell it in words.
  return OUT_OF_SPACE.has(code ?? '') || /no space left on device|database or disk is full/i.test(message ?? '');
}
