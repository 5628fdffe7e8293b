/** Under this name, a factory tells how what it has made fares, besides what its pool knows. */
export const FACTORY_STATS = Symbol('what a factory tells of itself');

/** What a factory of ours tells of itself; `undefined` of any other. */
export function statsOfFactory(factory: object): unknown {
  try {
    const tell: unknown = Reflect.get(factory, FACTORY_STATS);
    return typeof tell === 'function' ? Reflect.apply(tell, factory, []) : undefined;
  } catch {
    return undefined; // a proxy that tells nothing
  }
}
