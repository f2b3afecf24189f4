import { v7 } from 'uuid';

/** A UUIDv7: unguessable, and in order of making. */
export function newId(): string {
  return v7();
}
