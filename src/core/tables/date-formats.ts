interface FormatPart {
  readonly format: string;
  readonly pattern: string;
}

const TWO = '\\d{2}';
const LOOSE = '\\d{1,2}';
const SHORT_MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const LONG_MONTH = '(?:January|February|March|April|May|June|July|August|September|October|November|December)';

/** Days as they are written, most telling first; where only the order of day and month differs, month first comes first. */
const DAYS: readonly FormatPart[] = [
  { format: '%Y-%m-%d', pattern: `\\d{4}-${TWO}-${TWO}` },
  { format: '%Y/%m/%d', pattern: `\\d{4}/${TWO}/${TWO}` },
  { format: '%Y.%m.%d', pattern: `\\d{4}\\.${TWO}\\.${TWO}` },
  ...['/', '-', '.'].flatMap((separator) => numericDays(separator)),
  { format: '%d %b %Y', pattern: `${TWO} ${SHORT_MONTH} \\d{4}` },
  { format: '%-d %b %Y', pattern: `${LOOSE} ${SHORT_MONTH} \\d{4}` },
  { format: '%d-%b-%Y', pattern: `${TWO}-${SHORT_MONTH}-\\d{4}` },
  { format: '%b %d, %Y', pattern: `${SHORT_MONTH} ${TWO}, \\d{4}` },
  { format: '%b %-d, %Y', pattern: `${SHORT_MONTH} ${LOOSE}, \\d{4}` },
  { format: '%-d %B %Y', pattern: `${LOOSE} ${LONG_MONTH} \\d{4}` },
  { format: '%B %-d, %Y', pattern: `${LONG_MONTH} ${LOOSE}, \\d{4}` },
];

/** A point between day, month and year is Central European: the day comes first. */
function numericDays(separator: string): FormatPart[] {
  const s = separator === '.' ? '\\.' : separator;
  const orders = separator === '.' ? ['dm', 'md'] : ['md', 'dm'];
  return ['%Y', '%y'].flatMap((year) =>
    ['', '-'].flatMap((loose) =>
      orders.map((order) => ({
        format: [...order].map((part) => `%${loose}${part}`).join(separator) + separator + year,
        pattern: `${loose ? LOOSE : TWO}${s}${loose ? LOOSE : TWO}${s}${year === '%Y' ? '\\d{4}' : TWO}`,
      })),
    ),
  );
}

const TIMES: readonly FormatPart[] = [
  { format: '%H:%M:%S', pattern: `${TWO}:${TWO}:${TWO}` },
  { format: '%H:%M', pattern: `${TWO}:${TWO}` },
  { format: '%H:%M:%S.%g', pattern: `${TWO}:${TWO}:${TWO}\\.\\d{3}` },
  { format: '%H:%M:%S.%f', pattern: `${TWO}:${TWO}:${TWO}\\.\\d{6}` },
  { format: '%I:%M %p', pattern: `${TWO}:${TWO} [AP]M` },
  { format: '%-I:%M %p', pattern: `${LOOSE}:${TWO} [AP]M` },
  { format: '%I:%M:%S %p', pattern: `${TWO}:${TWO}:${TWO} [AP]M` },
  { format: '%-H:%M', pattern: `${LOOSE}:${TWO}` },
  { format: '%-H:%M:%S', pattern: `${LOOSE}:${TWO}:${TWO}` },
];

/** A zone written the same in every cell is kept as text: times are read as that zone's clock shows them. */
const ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/;

export interface DateFormat {
  /** A strftime pattern. */
  readonly format: string;
  readonly hasTime: boolean;
  test(text: string): boolean;
}

const WITHOUT_ZONE: readonly DateFormat[] = DAYS.flatMap((day) => [
  build(day.format, day.pattern, false),
  ...TIMES.flatMap((time) =>
    [' ', 'T', ', '].map((gap) =>
      build(`${day.format}${gap}${time.format}`, `${day.pattern}${gap}${time.pattern}`, true),
    ),
  ),
]);

/** All formats that fit every one of the texts, the likeliest first. */
export function dateFormatsOf(texts: readonly string[]): DateFormat[] {
  const first = texts[0];
  if (first === undefined || first.length > 40 || !/\d/.test(first)) return [];
  const zone = /:\d{2}/.test(first) ? (ZONE.exec(first)?.[0] ?? '') : '';
  if (!texts.every((text) => text.endsWith(zone))) return [];
  const bare = zone === '' ? texts : texts.map((text) => text.slice(0, -zone.length));
  return WITHOUT_ZONE.filter((candidate) => candidate.test(bare[0]!))
    .filter((candidate) => bare.every((text) => candidate.test(text) && daysFit(candidate.format, text)))
    .map((candidate) => (zone === '' ? candidate : { ...candidate, format: candidate.format + zone }));
}

function build(format: string, pattern: string, hasTime: boolean): DateFormat {
  const whole = new RegExp(`^${pattern}$`);
  return { format, hasTime, test: (text) => whole.test(text) };
}

/** No month above 12 and no day above 31: what tells d/m/y from m/d/y. */
function daysFit(format: string, text: string): boolean {
  const order = /^%-?([dm])[/.-]%-?([dm])/.exec(format);
  if (!order) return true;
  const [, a, b] = /^(\d+)\D(\d+)/.exec(text)!;
  const [day, month] = order[1] === 'd' ? [Number(a), Number(b)] : [Number(b), Number(a)];
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}
