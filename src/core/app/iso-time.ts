/** Times whose text is kept: far more than the rows of a page. */
const CAPACITY = 4096;
const texts = new Map<number, string>();

/**
 * A time in ISO 8601, UTC: `2026-01-31T12:00:00.000Z`. For times of rows that are shown again and again: making the text
 * takes a microsecond, twice a row.
 */
export function isoTime(time: Date): string {
  const key = time.getTime();
  let text = texts.get(key);
  if (text === undefined) {
    text = time.toISOString();
    if (texts.size >= CAPACITY) texts.clear();
    texts.set(key, text);
  }
  return text;
}
