import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { LeaseSource } from '../../scopes/borrow-options.js';

/** The types that there are, by where their factories come from. */
export type KnownTypes = Readonly<Record<LeaseSource, readonly string[]>>;

const SOURCES = ['pool', 'cache'] as const satisfies readonly LeaseSource[];

/** Who has registered which type of an application: of two factories for one type, both are named. */
export class Registrations {
  private readonly places: Readonly<Record<LeaseSource, Map<string, string>>> = {
    pool: new Map(),
    cache: new Map(),
  };

  /** @param place whose they are */
  constructor(known: KnownTypes, place: string) {
    this.follow(known, place);
  }

  /** Forgets types that there are no more, and learns of those that came. @param place whose these are */
  follow(known: KnownTypes, place: string): void {
    for (const source of SOURCES) {
      const places = this.places[source];
      for (const type of places.keys()) if (!known[source].includes(type)) places.delete(type);
      for (const type of known[source]) if (!places.has(type)) places.set(type, place);
    }
  }

  /**
   * @param place whose factory it is: `SftpFactory in SftpModule`
   * @param option what declares it, for the error: `forFeature.sftp`
   * @throws InvalidOptionsError when the type has a factory
   */
  add(source: LeaseSource, type: string, place: string, option: string): void {
    const first = this.places[source].get(type);
    if (first === undefined) {
      this.places[source].set(type, place);
      return;
    }
    throw new InvalidOptionsError(
      option,
      `is registered already: by ${first}, and again by ${place}. ` +
        `A type has one factory: remove one of the two, or give it another name.`,
      type,
    );
  }
}
