import type { ColumnKind } from '../plugin-api/index.js';
import type { ColumnStorage } from './description.js';
import type { PersonalDataKind } from './personal-data.js';
import type { StoredFacts } from './stored-facts.js';

export interface KindEvidence {
  readonly name: string;
  readonly storage: ColumnStorage;
  readonly facts: StoredFacts;
  readonly personalData: PersonalDataKind | null;
  /** Each integer is greater than the one before it. */
  readonly increasing: boolean;
  /** Mean number of words of some cells. */
  readonly meanWords: number;
}

/** Fewer rows than this prove nothing by being distinct. */
const FEW_ROWS = 20;
/** Text of which more than this share of cells is distinct tells one row from another. */
const MOSTLY_DISTINCT = 0.5;
const SAFE = 2 ** 53;

export function proposeKind(evidence: KindEvidence): ColumnKind {
  switch (evidence.storage.type) {
    case 'boolean':
      return 'boolean';
    case 'date':
    case 'timestamp':
      return 'datetime';
    case 'integer':
      if (isKey(evidence)) return 'identifier';
      // Arithmetic would lose the last digits.
      return longestInteger(evidence.facts) > SAFE ? 'categorical' : 'integer';
    case 'decimal':
    case 'double':
      return 'continuous';
    case 'text':
      return proposeTextKind(evidence);
  }
}

function proposeTextKind({ facts, personalData, meanWords }: KindEvidence): ColumnKind {
  const { present, distinct, meanLength = 0 } = facts;
  // Contact data names people however often it repeats.
  const direct = personalData !== null && personalData !== 'birth_date' && personalData !== 'name';
  const telling = present >= FEW_ROWS && distinct > MOSTLY_DISTINCT * present;
  if (!telling && !(direct && distinct > FEW_ROWS)) return 'categorical';
  return !direct && (meanWords >= 4 || meanLength > 64) ? 'text' : 'identifier';
}

/** Integers that only say which row it is: distinct, and either in order, without gaps, too long to count with, or named so. */
function isKey({ name, facts, increasing }: KindEvidence): boolean {
  const { present, distinct, minimum = 0, maximum = 0 } = facts;
  if (present < FEW_ROWS) return false;
  if (longestInteger(facts) > SAFE) return distinct > MOSTLY_DISTINCT * present;
  if (distinct < present) return false;
  const years = minimum >= 1500 && maximum <= 2200;
  if (/(^|[^a-z])(id|key|uuid|number|no|nr)$/i.test(name) || /[a-z]I[dD]$/.test(name)) return true;
  return !years && (increasing || maximum - minimum < 2 * present);
}

function longestInteger({ minimum = 0, maximum = 0 }: StoredFacts): number {
  return Math.max(Math.abs(minimum), Math.abs(maximum));
}
