/** Whether it is an instance of a class, whatever it is: what throws when it is asked, is not. */
export function isInstance<T>(value: unknown, of: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof of;
  } catch {
    return false; // an error may extend a proxy
  }
}
