/** Under this name, a factory tells how what it has made fares, besides what its pool knows. */
export const FACTORY_STATS = Symbol('what a factory tells of itself');

/** Under this name, a factory tells how many more resources what they run on could keep busy: CPUs, of threads. */
export const FACTORY_ROOM = Symbol('for how many more resources there is room');

/** What a factory of ours tells of itself; `undefined` of any other. */
export function statsOfFactory(factory: object): unknown {
  return ask(factory, FACTORY_STATS);
}

/** For how many more resources there is room, a number below 0 if there are too many; `undefined` where the factory can't tell. */
export function roomOfFactory(factory: object): number | undefined {
  const room = ask(factory, FACTORY_ROOM);
  return typeof room === 'number' ? room : undefined;
}

function ask(factory: object, name: symbol): unknown {
  try {
    const tell: unknown = Reflect.get(factory, name);
    return typeof tell === 'function' ? Reflect.apply(tell, factory, []) : undefined;
  } catch {
    return undefined; // a proxy that tells nothing
  }
}
