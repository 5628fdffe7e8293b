import { InvalidOptionsError } from '../../errors/invalid-options-error.js';

/** The values that one cached method of one provider keeps. */
export interface CachedEntries {
  /** For people: `Prices.price`. */
  readonly place: string;
  /** The key of one of them. No two entries, requests or calls share a key, because its parts are kept apart. */
  keyOf(this: void, by: Iterable<string>, args: string): string;
}

/**
 * Gives the entries of every cached method of every provider keys of their own. A class's name distinguishes neither two
 * of its providers nor two classes of that name; so a number does, which is valid in this process only, or
 * the name that the decorator was given.
 */
export class CachedEntryNames {
  private readonly providers = new Map<string, string>();
  private last = 0;

  /** @param shared whether others may have the same keys, because the cache has secondary stores */
  constructor(private readonly shared: boolean) {}

  /**
   * @param place of the method
   * @param provider that has the method, for errors
   * @throws InvalidOptionsError when the name is needed or taken
   */
  add(place: string, name: string | undefined, provider: string): CachedEntries {
    if (name === undefined) {
      if (this.shared) throw needsName(place);
      const number = ++this.last;
      return { place, keyOf: (by, args) => JSON.stringify([number, place, [...by], args]) };
    }
    const other = this.providers.get(name);
    if (other !== undefined) throw taken(place, name, provider, other);
    this.providers.set(name, `${place} of ${provider}`);
    return { place, keyOf: (by, args) => JSON.stringify([name, [...by], args]) };
  }
}

function needsName(place: string): InvalidOptionsError {
  return new InvalidOptionsError(
    `@Cached() of ${place}`,
    `needs a name, because the cache has secondary stores: the name that one process makes up may mean something else to another. ` +
      `Give it a permanent one: @Cached({ name: 'prices.list' }).`,
  );
}

function taken(place: string, name: string, provider: string, other: string): InvalidOptionsError {
  return new InvalidOptionsError(
    `@Cached().name of ${place}`,
    `is ${JSON.stringify(name)} in ${provider}, and of ${other}: each would get the other's values. ` +
      `Provide the class once and export it, or give each provider a class and a name of its own.`,
  );
}
