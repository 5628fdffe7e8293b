import type { VirtualClock } from '../time/virtual-clock.fixture.js';
import { CountingFactory, type Thing } from './counting-factory.fixture.js';
import { never } from './deferred.fixture.js';
import type { CreateContext } from './factory/resource-factory.js';

export const HOOKS = ['create', 'validate', 'reset', 'destroy'] as const;
export type Hook = (typeof HOOKS)[number];

/**
 * How one call of a hook goes: well or badly, at once or when the scheduler says so, after that many milliseconds,
 * or never. `no` is `validate`'s own way to fail; for the others it is as good as `ok`.
 */
export type Mood = 'ok' | 'no' | 'throws' | 'ok later' | 'throws later' | 'hangs' | number;

/** The moods of the calls to come. */
export type Moods = Readonly<Record<Hook, readonly Mood[]>>;

/** What is true of a resource, seen from the factory's side. Times are milliseconds of the clock. */
export interface Facts {
  readonly bornAt: number;
  /** The pool had given its creation up. */
  readonly late: boolean;
  uses: number;
  /** Whether it has been reset, and validated, since its last loan. */
  clean: boolean;
  proved: boolean;
  /** Its last sign of life: its birth, the end of a loan, a reset or a validation. */
  aliveAt: number;
  /** What is being done to it. */
  during: Hook | undefined;
  /** Why it must not be lent again. */
  retireReason: string | undefined;
  /** When its place is free at the latest. */
  goneAt: number;
}

/** What a {@link MoodyFactory} goes by. */
export interface MoodyFactoryOptions {
  clock: VirtualClock;
  moods: Moods;
  /** How all goes after the last of the moods. Default `'ok'`. */
  usual?: Mood;
  /** What it has besides `create` and `destroy`. */
  hooks: readonly Hook[];
  /** After so many milliseconds a `destroy` that has not settled holds its place no longer. */
  destroyTimeout: number;
  /** Resolves at a moment of its own choice. */
  schedule: (label: string) => Promise<void>;
}

/** A factory each of whose calls goes as told, and which knows all that is true of its resources. */
export class MoodyFactory extends CountingFactory {
  readonly broken = new Error('broken');
  /** From now on all goes well. */
  healthy = false;
  /** Called as each creation begins. */
  onCreate: () => void = () => undefined;
  private readonly facts = new Map<Thing, Facts>();
  private readonly inFlight = new Set<CreateContext>();
  private readonly dead = new Set<CreateContext>();
  private readonly outdated = new Set<CreateContext>();
  private readonly moods: Record<Hook, Mood[]>;

  constructor(private readonly options: MoodyFactoryOptions) {
    super();
    const { create, validate, reset, destroy } = options.moods;
    this.moods = { create: [...create], validate: [...validate], reset: [...reset], destroy: [...destroy] };
    this.creating = () => this.behave('create');
    this.destroying = (thing) => this.leave(thing);
    if (options.hooks.includes('validate')) {
      this.validate = (thing) => this.inspect('validate', thing) as boolean | Promise<boolean>; // what `passed` returns
    }
    if (options.hooks.includes('reset')) this.reset = (thing) => this.inspect('reset', thing);
  }

  /** Creations whose time is not up, a count. */
  get beingMade(): number {
    return [...this.inFlight].filter(({ signal }) => !signal.aborted).length;
  }

  /** Creations that were told that another factory has taken over, and may have their places until they end; a count. */
  get superseded(): number {
    return [...this.inFlight].filter(({ signal }) => String(signal.reason).includes('another factory'))
      .length;
  }

  /** Creations that came to nothing, a count. */
  get failures(): number {
    const arrived = [...this.facts].filter(([{ context }, { late }]) => !late && !this.dead.has(context));
    return this.attempts - this.beingMade - arrived.length;
  }

  /** Resources that exist or are being made, a count. Those that nobody waited for any more do not count. */
  get places(): number {
    const now = this.options.clock.now();
    const existing = [...this.facts.values()].filter(({ late, goneAt }) => !late && goneAt > now);
    return existing.length + this.beingMade;
  }

  /** Resources in service that are being validated or reset, a count. */
  get inspected(): number {
    return [...this.facts.values()].filter(
      ({ during, goneAt }) => during !== undefined && goneAt === Infinity,
    ).length;
  }

  factsOf(thing: Thing): Facts {
    const facts = this.facts.get(thing);
    if (facts === undefined) throw new Error(`thing ${thing.id} is not of this factory`);
    return facts;
  }

  /** The next call of this hook goes like that. */
  plan(hook: Hook, mood: Mood): void {
    this.moods[hook].push(mood);
  }

  /** Whether a planned call is still to come. */
  plans(hook: Hook): boolean {
    return this.moods[hook].length > 0;
  }

  /** The resource of a creation dies, perhaps before it has arrived. */
  die(context: CreateContext): void {
    const thing = this.created.find((made) => made.context === context);
    if (thing === undefined) this.dead.add(context);
    else this.factsOf(thing).retireReason ??= 'died';
    context.retire(this.broken);
  }

  /** What exists now is out of date, and so is what is being made. */
  condemnAll(reason: string): void {
    for (const facts of this.facts.values()) facts.retireReason ??= reason;
    for (const context of this.inFlight) this.outdated.add(context);
  }

  override create(context: CreateContext): Thing | Promise<Thing> {
    this.onCreate();
    this.inFlight.add(context);
    const arrived = (thing: Thing): Thing => this.arrive(thing);
    const failed = (error: unknown): never => {
      this.inFlight.delete(context);
      throw error;
    };
    return atTheEnd(() => super.create(context), arrived, failed);
  }

  private arrive(thing: Thing): Thing {
    const { context } = thing;
    const now = this.options.clock.now();
    const late = context.signal.aborted;
    const unwanted = late || this.dead.has(context) || this.outdated.has(context);
    this.inFlight.delete(context);
    this.facts.set(thing, {
      bornAt: now,
      late,
      uses: 0,
      clean: true,
      proved: true,
      aliveAt: now,
      during: undefined,
      retireReason: unwanted ? 'unwanted' : undefined,
      goneAt: Infinity,
    });
    return thing;
  }

  private leave(thing: Thing): unknown {
    const facts = this.factsOf(thing);
    const { clock, destroyTimeout } = this.options;
    const gone = (): void => void (facts.goneAt = Math.min(facts.goneAt, clock.now()));
    facts.retireReason ??= 'destroyed';
    facts.goneAt = clock.now() + destroyTimeout;
    return atTheEnd(
      () => this.behave('destroy'),
      gone,
      (error) => {
        gone();
        throw error;
      },
    );
  }

  private inspect(hook: 'validate' | 'reset', thing: Thing): unknown {
    const facts = this.factsOf(thing);
    facts.during = hook;
    const passed = (answer: unknown): boolean => {
      facts.during = undefined;
      const good = hook === 'reset' || answer !== false;
      if (good) facts.aliveAt = this.options.clock.now();
      else facts.retireReason ??= 'invalid';
      facts[hook === 'reset' ? 'clean' : 'proved'] ||= good;
      return good;
    };
    return atTheEnd(
      () => this.behave(hook),
      passed,
      (error) => {
        facts.during = undefined;
        facts.retireReason ??= `${hook} failed`;
        throw error;
      },
    );
  }

  private behave(hook: Hook): unknown {
    const { usual = 'ok', clock, schedule } = this.options;
    const mood = this.healthy ? 'ok' : (this.moods[hook].shift() ?? usual);
    if (typeof mood === 'number') return new Promise<void>((resolve) => void clock.setTimeout(resolve, mood));
    if (mood === 'throws') throw this.broken;
    if (mood === 'hangs') return never();
    if (mood === 'ok later') return schedule(`${hook} ends`);
    if (mood === 'throws later') {
      return schedule(`${hook} fails`).then(() => {
        throw this.broken;
      });
    }
    return mood === 'ok';
  }
}

/** Runs `work`, and one of the others at the very moment at which it ends, be it at once or later. */
function atTheEnd<R, S>(
  work: () => R | Promise<R>,
  passed: (result: R) => S,
  failed: (error: unknown) => never,
): S | Promise<S> {
  let running: R | Promise<R>;
  try {
    running = work();
  } catch (error) {
    return failed(error);
  }
  return running instanceof Promise ? running.then(passed, failed) : passed(running);
}
