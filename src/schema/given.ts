type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without the keys that were left out or null: GraphQL makes no difference between the two where null means nothing. */
export function given<T extends object>(input: T | null | undefined): Given<T> {
  return Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value != null)) as Given<T>;
}
