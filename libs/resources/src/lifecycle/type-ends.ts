import { type DrainReport, mergeReports } from '../reports/drain-report.js';
import { inOrder } from './dependency-graph.js';
import type { TypeLife } from './type-life.js';
import type { TypeStarts } from './type-starts.js';

/** Ends types, each once: one alone, or all in the reverse order of their dependencies. */
export class TypeEnds {
  constructor(private readonly starts: Pick<TypeStarts, 'stop'>) {}

  /**
   * Ends all, each when those that depend on it have ended, side by side where they are independent.
   *
   * @param remaining tells the milliseconds that are left for all together
   */
  async endAll(types: ReadonlyMap<string, TypeLife>, remaining: () => number): Promise<DrainReport> {
    const ending: TypeLife[] = [];
    for (const life of inOrder(types).toReversed()) {
      // In a circle, which is never started, one of them comes before those that depend on it.
      const dependents = ending.filter(({ dependsOn }) => dependsOn.includes(life.type));
      void this.end(
        life,
        remaining,
        dependents.map((dependent) => this.end(dependent, remaining, [])),
      );
      ending.push(life);
    }
    const pooledFirst = [...types.values()].toSorted((one, other) => rankOf(one) - rankOf(other));
    return mergeReports(await Promise.all(pooledFirst.map((life) => this.end(life, remaining, []))));
  }

  /** Ends one; a second call gets the first one's report. @param first what it waits for */
  end(life: TypeLife, remaining: () => number, first: readonly Promise<DrainReport>[]): Promise<DrainReport> {
    return (life.stopping ??= this.endOnce(life, remaining, first));
  }

  private async endOnce(
    life: TypeLife,
    remaining: () => number,
    first: readonly Promise<DrainReport>[],
  ): Promise<DrainReport> {
    this.starts.stop(life);
    if (first.length > 0) await Promise.allSettled(first);
    life.machine.enter('draining');
    try {
      return await life.stop(remaining());
    } finally {
      life.machine.enter('stopped');
    }
  }
}

/** Its place in the report. */
function rankOf({ parts }: TypeLife): number {
  return parts.has('pool') ? 0 : 1;
}
