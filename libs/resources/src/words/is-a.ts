interface AnyClass<T> {
  readonly prototype: T;
  [Symbol.hasInstance](value: unknown): boolean;
}

/** `instanceof` for values of others: one that throws when it is asked for its prototype is an instance of nothing. */
export function isA<T>(value: unknown, Class: AnyClass<T>): value is T {
  try {
    return value instanceof Class;
  } catch {
    return false;
  }
}
