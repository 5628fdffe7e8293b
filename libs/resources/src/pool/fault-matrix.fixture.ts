import { WHEEL_RESOLUTION } from '../time/deadline-wheel.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import type { Thing } from './counting-factory.fixture.js';
import { Outcome } from './deferred.fixture.js';
import { AcquireAbortedError, AcquireTimeoutError, ResourceCreationError } from './index.js';
import type { Lease } from './leases/lease.js';
import { HOOKS, type Hook, type Mood, MoodyFactory } from './moody-factory.fixture.js';
import { ResourcePool } from './resource-pool.js';

/** How long each call of a hook takes when all is well, in milliseconds. */
const USUAL = 15;
const LIMIT = { create: 100, validate: 60, reset: 60, destroy: 60 } as const;

/** What may become of one call of a hook. */
export const FAULTS = {
  ok: () => USUAL,
  throws: () => 'throws',
  'is slow': (hook) => LIMIT[hook] - USUAL,
  'never settles': () => 'hangs',
  'settles after its time limit': (hook) => LIMIT[hook] + 2 * USUAL,
} as const satisfies Record<string, (hook: Hook) => Mood>;

export type Fault = keyof typeof FAULTS;

/** How and when a caller may lose interest. */
export const EXITS = [
  'never',
  'before it asks',
  'while it waits',
  'while one is created for it',
  'while one is validated for it',
  'while it has it',
  'at its deadline',
] as const;

export type Exit = (typeof EXITS)[number];

/** Milliseconds after asking at which a caller loses interest: in the midst of any call. */
const SOON = 2;

/** The longest way from asking to an answer, in milliseconds: one is proved bad, destroyed, and another made. */
export const LONGEST_WAY =
  LIMIT.reset + LIMIT.validate + LIMIT.destroy + LIMIT.create + USUAL + 5 * WHEEL_RESOLUTION;

/** What the caller of a cell must be told; `undefined` when it must get a resource. */
export function expectedError(hook: Hook, fault: Fault, exit: Exit): unknown {
  const failsAtOnce = hook === 'create' && fault === 'throws';
  switch (exit) {
    case 'before it asks':
    case 'while it waits':
    case 'while one is validated for it':
      return AcquireAbortedError;
    case 'while one is created for it':
      return failsAtOnce ? ResourceCreationError : AcquireAbortedError;
    case 'at its deadline':
      return failsAtOnce ? ResourceCreationError : AcquireTimeoutError;
    default:
      return hook === 'create' && fault !== 'ok' && fault !== 'is slow' ? ResourceCreationError : undefined;
  }
}

/** One cell of the matrix: a pool of one place, in which one call of one hook goes wrong. */
export class FaultCell {
  readonly clock = new VirtualClock();
  readonly factory = new MoodyFactory({
    clock: this.clock,
    moods: { create: [], validate: [], reset: [], destroy: [] },
    usual: USUAL,
    hooks: HOOKS,
    destroyTimeout: LIMIT.destroy,
    schedule: () => Promise.resolve(),
  });
  readonly pool = new ResourcePool(this.factory, {
    type: 'thing',
    max: 1,
    clock: this.clock,
    validation: { aliveBypass: 0, onReturn: true, timeout: LIMIT.validate },
    creation: { timeout: LIMIT.create, retry: { attempts: 1 } },
    retirement: { timeout: LIMIT.destroy },
  });
  readonly reason = new Error('the caller went away');
  /** Creations begun while the only place was taken, a count. */
  crowded = 0;

  constructor(
    private readonly hook: Hook,
    private readonly fault: Fault,
    private readonly exit: Exit,
  ) {
    this.factory.onCreate = () => void (this.crowded += this.factory.places);
  }

  /**
   * Brings a caller to where the fault and its exit are, and waits for what it is told.
   *
   * @returns what it was told, and after how many milliseconds
   */
  async callerMeetsFault(): Promise<{ outcome: Outcome<Lease<Thing>>; after: number }> {
    const { hook, fault, exit, pool } = this;
    const meetsValidation = hook === 'validate' && (exit === 'never' || exit === 'while it has it');
    if (exit === 'while one is validated for it' || meetsValidation) await this.inventory();
    const holder = exit === 'while it waits' ? await this.borrow() : undefined;
    this.factory.plan(hook, FAULTS[fault](hook));

    const start = this.clock.now();
    const aborter = new AbortController();
    const abort = (): void => aborter.abort(this.reason);
    if (exit === 'before it asks') abort();
    const asked = new Outcome(
      pool.acquire({ signal: aborter.signal, timeout: exit === 'at its deadline' ? SOON : 10_000 }),
    );
    if (exit.startsWith('while') && exit !== 'while it has it') {
      await this.clock.advance(SOON);
      abort();
    }
    await this.settled(asked);
    const after = this.clock.now() - start;
    if (exit === 'while it has it') abort();
    for (const lease of [holder, asked.value]) if (lease !== undefined) await this.giveBack(lease, false);
    return { outcome: asked, after };
  }

  /** The pool is used as usual, until every hook has been called again. @returns what went wrong for the callers */
  async lifeGoesOn(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const broken of [false, true, false, false]) {
      const asked = new Outcome(this.pool.acquire());
      await this.settled(asked);
      if (asked.value === undefined) errors.push(asked.error);
      else await this.giveBack(asked.value, broken);
    }
    return errors;
  }

  /** Whether the call that was to go wrong has not been made. */
  get missed(): boolean {
    return this.factory.plans(this.hook);
  }

  /** Waits until it is settled, though no longer than any answer may take. */
  async settled(outcome: Outcome<unknown>): Promise<void> {
    for (let ms = 0; ms < LONGEST_WAY && outcome.state === 'pending'; ms++) await this.clock.advance(1);
  }

  private async borrow(): Promise<Lease<Thing>> {
    const asked = new Outcome(this.pool.acquire());
    await this.settled(asked);
    if (asked.value === undefined) throw new Error('nothing was lent', { cause: asked.error });
    return asked.value;
  }

  /** @throws Error when it has not come back in time */
  private async giveBack(lease: Lease<Thing>, broken: boolean): Promise<void> {
    const back = new Outcome(broken ? lease.invalidate() : lease.release());
    await this.settled(back);
    if (back.state !== 'fulfilled') throw new Error('giving back did not end well', { cause: back.error });
  }

  private async inventory(): Promise<void> {
    await this.giveBack(await this.borrow(), false);
  }
}
