import { UnknownVersionError } from '../../errors/unknown-version-error.js';
import { type Clock, systemClock } from '../../time/clock.js';
import type { ChangeBeginning, ChangeRecord, Version } from './change-record.js';
import type { TypeConfiguration } from './type-configuration.js';
import { TypeHistory } from './type-history.js';

export type { ChangeBeginning, ChangeRecord, Version } from './change-record.js';
export type { TypeConfiguration } from './type-configuration.js';

/** How many changes of each type are kept where nobody says. */
export const DEFAULT_HISTORY = 20;

/**
 * Which configurations each type has had, who has asked for them, and how it went. It keeps them so that one can be gone back to; it changes
 * nothing itself.
 */
export class History {
  private readonly byType = new Map<string, TypeHistory>();

  /** @param keep changes of each type, a count of at least 1 */
  constructor(
    private readonly keep = DEFAULT_HISTORY,
    private readonly clock: Clock = systemClock,
  ) {}

  /** A type begins its life with a configuration. Does nothing if it has begun. */
  meet(type: string, configuration: () => TypeConfiguration): TypeHistory {
    let history = this.byType.get(type);
    if (history === undefined) {
      history = new TypeHistory(type, configuration(), this.keep, this.clock);
      this.byType.set(type, history);
    }
    return history;
  }

  /** A type is not registered any more. */
  forget(type: string): void {
    this.byType.delete(type);
  }

  /** A type's configuration begins to change. Whoever changes it says by the record how it has ended. */
  begin(type: string, beginning: ChangeBeginning): ChangeRecord {
    return this.meet(type, () => beginning.before).begin(beginning);
  }
}

/**
 * The version to go back to.
 *
 * @param wanted its number; undefined for the one before the last change
 * @throws UnknownVersionError when it is not kept, was never in force, or nothing was ever changed
 */
export function versionOf(history: TypeHistory, type: string, wanted: number | undefined): Version {
  const { versions, previous } = history;
  const found = wanted === undefined ? previous : versions.find(({ version }) => version === wanted);
  if (found !== undefined) return found;
  const known = versions.map(({ version }) => version);
  throw new UnknownVersionError(type, wanted, known, history.current.version);
}
