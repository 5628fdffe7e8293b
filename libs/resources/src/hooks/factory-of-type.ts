import type { Clock } from '../time/clock.js';

/** Under this name, a factory makes the one that serves a type: what is declared once may be registered twice, in several applications, too. */
export const FACTORY_OF_TYPE = Symbol('the factory of one type');

/** Makes the factory of one type. */
export type FactoryOfType<F> = (type: string, clock: Clock) => F;

/** The factory that serves a type: what one of ours makes for it; any other itself. */
export function factoryOfType<F extends object>(factory: F, type: string, clock: Clock): F {
  return makeOf(factory)?.(type, clock) ?? factory;
}

/** Only ours know the name; a mock may have a function under any. */
function makeOf<F extends object>(factory: F): FactoryOfType<F> | undefined {
  try {
    return Object.getOwnPropertyDescriptor(factory, FACTORY_OF_TYPE)?.value as FactoryOfType<F> | undefined;
  } catch {
    return undefined; // a proxy that tells nothing
  }
}
