/**
 * Whether it is a plain object, of whatever realm: its members are all that it has. What has a class has members of its own
 * business, and inherits some.
 */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
  } catch {
    return false; // a proxy that does not even tell its prototype
  }
}
