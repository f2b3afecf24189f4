const ISO_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** An ISO 8601 time; one without an offset is UTC. Undefined for anything else. */
export function parseTime(text: string): Date | undefined {
  const match = ISO_TIME.exec(text);
  if (match === null) return undefined;
  const hasClock = text.length > 'yyyy-mm-dd'.length;
  const time = new Date(hasClock && match[1] === undefined ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T'));
  return Number.isNaN(time.getTime()) ? undefined : time;
}
