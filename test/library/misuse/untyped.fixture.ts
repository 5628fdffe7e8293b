type Method = (...args: unknown[]) => unknown;

/** An object as whoever has no compiler sees it. */
export const untyped = <T extends object>(
  object: T,
): { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? Method : T[K] } => object as never;

/** An instance of a class, whatever it is given. */
export const make = (constructor: unknown, ...args: unknown[]): unknown =>
  new (constructor as new (...given: unknown[]) => unknown)(...args);
