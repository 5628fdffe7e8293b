import { describeCause } from '../words/describe-cause.js';
import { tell } from '../words/warn-of.js';
import type { CacheEvent } from '../reports/cache-event.js';
import type { PoolEvent } from '../reports/pool-event.js';
import { type Trouble, type TroubleKind, type TroubleListener, TROUBLE_KINDS } from '../reports/trouble.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** Milliseconds without a failure after a success that make a pool well again. */
const SETTLED = 1_000;
/** Milliseconds without a failure that end what no success would tell of. */
export const QUIET = 30_000;
/** Milliseconds from one beginning that is told to the next of the same kind. */
const PAUSE = 30_000;
/** Milliseconds between two looks at what goes on. */
const INTERVAL = 1_000;

const KINDS: readonly string[] = TROUBLE_KINDS;

/** All that goes wrong in one way, in one pool or cache. */
interface Episode {
  /** Undefined while all is well. */
  trouble: Trouble | undefined;
  first: number;
  last: number;
  /** When it succeeded; undefined if it has failed since, or nobody would know. */
  recovered: number | undefined;
  /** When a beginning was told last. */
  toldAt: number;
  told: boolean;
}

/**
 * Makes episodes of what fails: when trouble begins and when it is over. Without it, a database that is down
 * for a minute is 100,000 events, or silence.
 *
 * It keeps texts and counts, nothing of a request. What its listeners do with them is theirs.
 */
export class TroubleWatch {
  private readonly episodes = new Map<string, Episode>();
  private readonly listeners = new Set<TroubleListener>();
  private timer: ClockTimer | undefined;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
  ) {}

  /** What goes on now. */
  get all(): Trouble[] {
    return [...this.episodes.values()].flatMap(({ trouble }) =>
      trouble === undefined ? [] : [{ ...trouble }],
    );
  }

  /** Hears on neutral ground. @returns stops listening */
  follow(listener: TroubleListener): () => void {
    this.listeners.add(listener);
    this.lookIfNeedBe();
    return () => void this.listeners.delete(listener);
  }

  readonly poolEvent = (event: PoolEvent): void => {
    // Of one key, only silence ends it: that creation succeeds for another says nothing.
    if (event.kind === 'creationRecovered' && event.key === undefined) this.recovered(event.type);
    else this.happened('pool', event);
  };

  readonly cacheEvent = (event: CacheEvent): void => this.happened('cache', event);

  /** There is no such pool any more. */
  forget(type: string): void {
    for (const kind of TROUBLE_KINDS) this.episodes.delete(nameOf('pool', kind, type));
  }

  /** From now on nothing is told: all is at its end. */
  stop(): void {
    this.stopped = true;
    this.episodes.clear();
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
  }

  private happened(source: Trouble['source'], event: PoolEvent | CacheEvent): void {
    if (this.stopped || !isTrouble(event)) return;
    const { kind, type } = event;
    const episode = this.episodeOf(source, type, kind);
    const now = this.clock.now();
    if (episode.trouble === undefined) episode.first = now;
    const { since, count } = episode.trouble ?? { since: new Date(), count: 0 };
    const cause = 'cause' in event ? describeCause(event.cause) : undefined;
    const owner = 'owner' in event ? event.owner : undefined;
    const key = 'key' in event ? event.key : undefined;
    episode.trouble = { source, type, kind, since, count: count + 1, cause, owner, key };
    episode.last = now;
    episode.recovered = undefined;
    this.tellBeginning(episode, episode.trouble, now);
    this.lookIfNeedBe();
  }

  private recovered(type: string): void {
    const episode = this.episodes.get(nameOf('pool', 'creationFailed', type));
    if (episode?.trouble === undefined) return;
    episode.recovered = this.clock.now();
    this.lookIfNeedBe();
  }

  private episodeOf(source: Trouble['source'], type: string, kind: TroubleKind): Episode {
    const name = nameOf(source, kind, type);
    const known = this.episodes.get(name);
    if (known !== undefined) return known;
    const episode: Episode = {
      trouble: undefined,
      first: 0,
      last: 0,
      recovered: undefined,
      toldAt: -Infinity,
      told: false,
    };
    this.episodes.set(name, episode);
    return episode;
  }

  /** What comes and goes is told so often, and no more; what began before anybody listened, when somebody does. */
  private tellBeginning(episode: Episode, trouble: Trouble, now: number): void {
    if (episode.told || now - episode.toldAt < PAUSE || this.listeners.size === 0) return;
    episode.told = true;
    episode.toldAt = now;
    this.pass((listener) => listener.began({ ...trouble }));
  }

  private look(): void {
    const now = this.clock.now();
    for (const [name, episode] of this.episodes) {
      const { trouble, toldAt } = episode;
      if (trouble === undefined) {
        if (now - toldAt >= PAUSE) this.episodes.delete(name);
      } else if (isOver(episode, trouble, now)) this.end(episode, trouble);
      else this.tellBeginning(episode, trouble, now);
    }
    this.timer = undefined;
    this.lookIfNeedBe();
  }

  /** A timer keeps the whole coordinator in memory: there is none for what only an event can change. */
  private lookIfNeedBe(): void {
    const heard = this.listeners.size > 0;
    const waits = ({ trouble, told, recovered }: Episode): boolean =>
      trouble === undefined || recovered !== undefined || (heard && !told) || !endsBySuccess(trouble);
    if ([...this.episodes.values()].some(waits)) this.timer ??= this.lookLater();
  }

  private end(episode: Episode, trouble: Trouble): void {
    const { told, first, last } = episode;
    episode.trouble = undefined;
    episode.told = false;
    if (told) this.pass((listener) => listener.ended(trouble, last - first));
  }

  private lookLater(): ClockTimer {
    const timer = this.clock.setTimeout(() => this.look(), INTERVAL);
    timer.unref();
    return timer;
  }

  private pass(how: (listener: TroubleListener) => void): void {
    this.ground.run(() => {
      for (const listener of this.listeners) tell(() => how(listener));
    });
  }
}

function isTrouble<E extends PoolEvent | CacheEvent>(event: E): event is E & { kind: TroubleKind } {
  return KINDS.includes(event.kind);
}

/** Whether only a success ends it: that of creation in a pool without keys, where no failure may mean that nobody has asked. */
export function endsBySuccess({ source, kind, key }: Trouble): boolean {
  return source === 'pool' && kind === 'creationFailed' && key === undefined;
}

function isOver({ recovered, last }: Episode, trouble: Trouble, now: number): boolean {
  if (recovered !== undefined) return now - recovered >= SETTLED;
  return !endsBySuccess(trouble) && now - last >= QUIET;
}

/** A pool and a cache may have the same name. */
function nameOf(source: Trouble['source'], kind: TroubleKind, type: string): string {
  return `${source}:${kind}:${type}`;
}
