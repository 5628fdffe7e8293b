const replaced = new WeakSet<object>();

/** Replaces a method of a framework's class, once per process, by one that does the same and something besides. */
export function replaceMethod<M extends (...args: never[]) => unknown>(
  prototype: object,
  name: string,
  by: (original: M) => M,
): void {
  const methods = prototype as Record<string, M | undefined>; // by name
  const original = methods[name];
  if (original === undefined || replaced.has(original)) return;
  const method = by(original);
  replaced.add(method);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(method, 'name', { value: name, configurable: true });
  Object.defineProperty(prototype, name, { ...descriptor, value: method });
}
