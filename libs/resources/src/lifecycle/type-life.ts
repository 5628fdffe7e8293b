import { DependencyError } from '../errors/dependency-error.js';
import { type DrainReport, mergeReports } from '../reports/drain-report.js';
import type { Phase } from '../reports/phase.js';
import { forgetFrames } from '../words/forget-frames.js';
import type { Dependent } from './dependency-graph.js';
import type { PhaseMachine } from './phase-machine.js';

/** What has a type's name and lives as long as the type: a pool, or the cache of a cached type. Of each source there is one. */
export interface LivingPart {
  readonly source: 'pool' | 'cache';
  /** Makes what must be there from the start. @throws what it failed with */
  start(): Promise<void>;
  /** Drains and ends it; a second call gets the first one's report. @param deadline milliseconds from now */
  stop(deadline: number): Promise<DrainReport>;
  /** Of what can tell that it has nothing and can make nothing. */
  readonly outage?: Outage;
}

/** The outage of a part, when there is one. */
export interface Outage {
  /** Why it has nothing and can make nothing; undefined when that is not so. */
  cause(): unknown;
  /** Tries whether it can make something again. It never rejects. */
  tryAgain(): Promise<void>;
}

/** How a type starts; times in milliseconds. */
export interface StartSettings {
  readonly dependsOn: readonly string[];
  readonly optional: boolean;
  readonly startTimeout: number;
  /** Where its definition stands, for errors: `resources.pg`. */
  readonly at: string;
}

/** One type: what it is made of, what it needs, and how it fares. {@link TypeLives} moves it from phase to phase. */
export class TypeLife implements Dependent {
  readonly parts = new Map<LivingPart['source'], LivingPart>();
  dependsOn: readonly string[] = [];
  at = '';
  /** Most milliseconds for its start. */
  startTimeout = Infinity;
  /** Whether nobody's start fails with it: it is optional, or was registered when all had started. */
  tolerated = true;
  /** Whether its start has succeeded. */
  started = false;
  /** What its last start failed with. */
  startFailure: unknown = undefined;
  /** Which dependency keeps it from lending. */
  obstacle: DependencyError | undefined = undefined;
  stopping: Promise<DrainReport> | undefined = undefined;

  constructor(
    readonly type: string,
    readonly machine: PhaseMachine,
  ) {}

  get phase(): Phase {
    return this.machine.phase;
  }

  /** Whether it is not known yet how its start goes. */
  get undecided(): boolean {
    return this.phase === 'registered' || this.phase === 'starting';
  }

  /** @param late whether all have started already */
  add(part: LivingPart, settings: StartSettings, late: boolean): void {
    const { parts } = this;
    if (parts.size === 0) this.at = settings.at;
    parts.set(part.source, part);
    this.dependsOn = [...new Set([...this.dependsOn, ...settings.dependsOn])];
    this.startTimeout = Math.min(this.startTimeout, settings.startTimeout);
    this.tolerated &&= settings.optional || late;
  }

  /** Why it is not ready, although its dependencies are; undefined when it is. */
  get trouble(): unknown {
    if (!this.started) return this.startFailure;
    for (const part of this.parts.values()) {
      const cause = part.outage?.cause();
      if (cause !== undefined) return cause;
    }
    return undefined;
  }

  /** Why it lends nothing. @param dependency that is not ready; undefined when there is no such type any more */
  hinderedBy(name: string, dependency: TypeLife | undefined): DependencyError {
    const cause = dependency && (dependency.obstacle ?? dependency.trouble);
    const known = this.obstacle;
    const isSame = known?.dependency === name && known.phase === dependency?.phase;
    if (isSame && known.cause === cause) return known;
    const obstacle = new DependencyError(this.type, name, dependency?.phase, cause);
    forgetFrames(obstacle); // it is kept
    return obstacle;
  }

  async start(): Promise<void> {
    await Promise.all([...this.parts.values()].map((part) => part.start()));
  }

  async tryAgain(): Promise<void> {
    await Promise.all([...this.parts.values()].map(async ({ outage }) => await outage?.tryAgain()));
  }

  async stop(deadline: number): Promise<DrainReport> {
    return mergeReports(await Promise.all([...this.parts.values()].map((part) => part.stop(deadline))));
  }
}
