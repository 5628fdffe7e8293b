type Method = (...args: never[]) => unknown;

/** Gives one object a method in place of the one that it has, seen as little as that was. Its class keeps its own. */
export function redefine<M extends Method>(target: object, name: string, by: (original: M) => M): void {
  const original = (target as Record<string, unknown>)[name] as M | undefined; // by name: the caller knows its type
  if (typeof original !== 'function') return;
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    value: by(original),
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  });
}
