import { describeCause } from '../../words/describe-cause.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import type { CheckFactorySettings } from './check-factory-options.js';
import type { FactoryCheck, FactoryFinding } from './factory-report.js';
import { describeHandles, HandleWatch } from './handle-watch.js';
import { type CallOutcome, HookCall } from './hook-call.js';
import { lookUntil } from './look-until.js';
import { RandomMoments } from './random-moments.js';
import { ServerCount } from './server-count.js';
import { TrialCreation } from './trial-creation.js';
import { UnsafeFactoryError } from './unsafe-factory-error.js';

/** What was created, and how. */
export interface Made<T> {
  readonly resource: T;
  readonly creation: TrialCreation<T>;
  readonly check: FactoryCheck;
}

/** Plays a pool's part with one factory, and keeps what was found; what is done to it in which order is the business of the checks. */
export class FactoryTrial<T> {
  readonly findings: FactoryFinding[] = [];
  readonly moments: RandomMoments;
  readonly server: ServerCount;
  /** What the server has when nothing of the trial is left. */
  before = 0;
  /** Milliseconds that a creation takes in peace. */
  creationTime = 0;
  private readonly watch = new HandleWatch();
  private readonly alive = new Set<Made<T>>();
  private readonly all: Made<T>[] = [];

  constructor(
    readonly factory: ResourceFactory<T>,
    readonly settings: CheckFactorySettings<T>,
  ) {
    this.moments = new RandomMoments(settings.seed);
    this.server = new ServerCount(settings.count, settings.within);
  }

  async begin(): Promise<void> {
    this.before = await this.server.now();
  }

  /** Destroys what an error has left over, so that the test after this one finds nothing of it. */
  async end(): Promise<void> {
    for (const made of this.alive) await this.destroy(made);
    this.watch.stop();
  }

  create(): TrialCreation<T> {
    return new TrialCreation(this.factory, this.watch, this.settings.key);
  }

  /** One that nothing is in the way of. @throws UnsafeFactoryError when there is none nevertheless */
  async make(check: FactoryCheck): Promise<Made<T>> {
    const { within } = this.settings;
    const begun = performance.now();
    const creation = this.create();
    const outcome = await creation.settledWithin(within);
    this.creationTime = performance.now() - begun;
    if (outcome.state === 'fulfilled' && outcome.value !== undefined && outcome.value !== null)
      return this.keep({ resource: outcome.value, creation, check });
    if (outcome.state === 'pending') creation.abort();
    return this.fail({
      check,
      done: 'called create, and nothing was in its way',
      expected: `a resource within ${within} ms`,
      found: `it ${tellOutcome(outcome)}`,
      remedy: 'make create work first, such as with the right address of the server, and the right "key"',
    });
  }

  /** Remembers what came of a creation. */
  keep(made: Made<T>): Made<T> {
    this.alive.add(made);
    this.all.push(made);
    return made;
  }

  async destroy(made: Made<T>): Promise<CallOutcome<unknown>> {
    const { timeout, within } = this.settings;
    this.alive.delete(made);
    return await made.creation.destroy(made.resource, timeout, within);
  }

  /** A hook of the options, within its time. @throws what it throws, and when it takes too long */
  async ask<R>(hook: 'kill' | 'silence' | 'isClean', work: () => R | PromiseLike<R>): Promise<R> {
    const outcome = await new HookCall(work).settledWithin(this.settings.within);
    if (outcome.state === 'fulfilled') return outcome.value;
    if (outcome.state === 'rejected') throw outcome.reason;
    throw new Error(`"${hook}" of the options did not settle within ${this.settings.within} ms`);
  }

  /** Waits until all that a creation has opened is closed. @returns what is not, in words; '' when all is */
  async openOf({ handles }: TrialCreation<T>): Promise<string> {
    await lookUntil(() => handles.size === 0, this.settings.within);
    return describeHandles(handles);
  }

  /** Waits until the server has no more than before; if it keeps something, that is a finding. */
  async expectNothingLeft(check: FactoryCheck, done: string, remedy: string): Promise<void> {
    const { before } = this;
    this.before = await this.server.until((count) => count <= before);
    if (this.before <= before) return;
    this.findings.push({
      check,
      done,
      expected: `count() to be ${before} again within ${this.settings.within} ms`,
      found: `it is ${this.before}`,
      remedy,
    });
  }

  /** Looks whether an `error` event came that nobody heard. */
  expectNoneUnheard(): void {
    for (const { creation, check } of this.all) {
      const unheard = creation.errors?.first;
      if (unheard === undefined) continue;
      this.findings.push({
        check,
        done: `had a resource live, until it emitted "error": ${describeCause(unheard.error)}`,
        expected: 'somebody who listens',
        found: 'nobody does, and such an event ends the process',
        remedy: 'listen in create, before it connects, and tell the pool: client.on("error", retire)',
      });
      return;
    }
  }

  /** @throws UnsafeFactoryError with this as the last of the findings */
  fail(finding: FactoryFinding): never {
    this.findings.push(finding);
    throw new UnsafeFactoryError(this.findings, this.settings.seed);
  }
}

/** Such as `failed: no such host`, to follow the name of what was called. */
export function tellOutcome(outcome: CallOutcome<unknown>): string {
  if (outcome.state === 'rejected') return `failed: ${describeCause(outcome.reason)}`;
  return outcome.state === 'pending' ? 'has not settled' : `returned ${String(outcome.value)}`;
}
