export const PERSONAL_DATA_KINDS = [
  'email',
  'phone',
  'name',
  'address',
  'national_id',
  'payment_card',
  'ip_address',
  'birth_date',
] as const;
export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];

interface Detector {
  readonly kind: PersonalDataKind;
  /** Words of the column's name, where cells alone do not tell. */
  readonly named?: RegExp;
  readonly cell: (text: string) => boolean;
}

const DETECTORS: readonly Detector[] = [
  { kind: 'email', cell: (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) },
  { kind: 'ip_address', cell: (text) => /^\d{1,3}(\.\d{1,3}){3}$/.test(text) },
  { kind: 'national_id', cell: (text) => /^\d{3}-\d{2}-\d{4}$/.test(text) },
  { kind: 'payment_card', cell: isPaymentCard },
  { kind: 'phone', cell: (text) => /^(?=.*[+() -])\+?[\d() ./-]{7,20}$/.test(text) && !/^\d{4}-\d\d-\d\d/.test(text) },
  { kind: 'phone', named: /phone|mobile|fax|\btel\b/i, cell: (text) => /^\+?[\d() ./-]{7,20}$/.test(text) },
  {
    kind: 'name',
    named: /name|surname|patient|person/i,
    cell: (text) => /^[\p{L}'.-]+([ ,]+[\p{L}'.-]+){0,4}$/u.test(text),
  },
  { kind: 'address', named: /address|street/i, cell: (text) => /\p{L}{2}/u.test(text) },
  { kind: 'birth_date', named: /birth|\bdob\b/i, cell: (text) => /\d/.test(text) },
];

/** Share of the cells that must look it. */
const ENOUGH = 0.8;

/** What a column likely tells of a person, by its name and some of its cells. A hint, not a finding. */
export function detectPersonalData(name: string, texts: readonly string[]): PersonalDataKind | null {
  if (texts.length === 0) return null;
  const found = DETECTORS.find(
    ({ named, cell }) =>
      (!named || named.test(name.replaceAll('_', ' '))) &&
      texts.filter((text) => cell(text.trim())).length >= ENOUGH * texts.length,
  );
  return found?.kind ?? null;
}

/** 13 to 19 digits whose checksum is right (Luhn, ISO/IEC 7812-1). */
function isPaymentCard(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^\d{13,19}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
