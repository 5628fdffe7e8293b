import type { Piscina } from 'piscina';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';

/** The class of the optional peer. */
export type PiscinaClass = typeof Piscina;

/** The major version that is known to do what this package asks of it. */
const VERSION = '5';

let loaded: Promise<PiscinaClass> | undefined;

/** Loads `piscina`, which only those who declare processors have to install. @throws InvalidOptionsError without it, or for another version */
export function loadPiscina(): Promise<PiscinaClass> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined; // it may be installed by the next time
    throw error;
  });
  return loaded;
}

async function load(): Promise<PiscinaClass> {
  const { Piscina } = await import('piscina').catch((cause: unknown): never => {
    throw new InvalidOptionsError(
      'processors',
      `need the package "piscina", which can't be loaded. Install it: npm install piscina@${VERSION}`,
      undefined,
      cause,
    );
  });
  const { version } = Piscina;
  if (version.split('.')[0] !== VERSION)
    throw new InvalidOptionsError(
      'processors',
      `need piscina ${VERSION}, and ${version} is installed. Install it: npm install piscina@${VERSION}`,
    );
  return Piscina;
}
