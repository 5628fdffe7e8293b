import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { LeaseSource } from '../../scopes/borrow-options.js';

/** Who has registered which type of an application: of two factories for one type, both are named. */
export class Registrations {
  private readonly places: Readonly<Record<LeaseSource, Map<string, string>>>;

  /** @param known the types that there are before any is added, by where their factories come from */
  constructor(known: Readonly<Record<LeaseSource, Iterable<string>>>) {
    const placesOf = (types: Iterable<string>): Map<string, string> =>
      new Map([...types].map((type) => [type, 'ResourcesModule.forRoot()']));
    this.places = { pool: placesOf(known.pool), cache: placesOf(known.cache) };
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
