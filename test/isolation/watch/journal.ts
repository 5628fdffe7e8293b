import type { Unit } from './unit.js';

/** What was seen, in order. It keeps texts and numbers alone: nothing of a request stays for its sake. */
export class Journal {
  private entries: [number, string, string][] = [];
  private readonly start = performance.now();

  /** @param who the unit, or who else did it */
  note(who: Unit | string, what: string): void {
    this.entries.push([performance.now() - this.start, typeof who === 'string' ? who : who.label, what]);
  }

  clear(): void {
    this.entries = [];
  }

  /** As JSON lines. @param only of these units; default: all */
  lines(only?: ReadonlySet<string>): string[] {
    return this.entries
      .filter(([, who]) => only === undefined || only.has(who))
      .map(([at, who, what]) => JSON.stringify({ at: Math.round(at * 1_000) / 1_000, who, what }));
  }
}
