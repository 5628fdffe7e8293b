import type { Clock } from '../time/clock.js';

/** Under this name, a factory makes the one that serves a type: what is declared once may be registered twice, in several applications, too. */
export const FACTORY_OF_TYPE = Symbol('the factory of one type');

/** Makes the factory of one type. */
export type FactoryOfType<F> = (type: string, clock: Clock) => F;

/** The factory that serves a type: what one of ours makes for it; any other itself. */
export function factoryOfType<F extends object>(factory: F, type: string, clock: Clock): F {
  return makeOf(factory)?.(type, clock) ?? factory;
}

/** Only ours know the name, or their classes; a mock may have a function under any, and nothing that describes it. */
function makeOf<F extends object>(factory: F): FactoryOfType<F> | undefined {
  try {
    for (let at: object | null = factory; at !== null; at = Reflect.getPrototypeOf(at)) {
      const described = Object.getOwnPropertyDescriptor(at, FACTORY_OF_TYPE);
      if (described !== undefined) return described.value as FactoryOfType<F>;
    }
  } catch {
    // a proxy that tells nothing
  }
  return undefined;
}
