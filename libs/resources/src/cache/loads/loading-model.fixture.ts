import type { ValueRemovalReason } from '../../reports/cache-event.js';

/** How a value is asked for; times in milliseconds. */
export interface Asking {
  readonly ttl: number;
  readonly tags: readonly string[];
  /** Whether its tags are known only when it is loaded. */
  readonly lateTags: boolean;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly refreshAhead: number;
  readonly negativeTtl: number;
  readonly errorTtl: number;
  readonly forceRefresh: boolean;
}

/** What a caller gets: nothing yet, a value, or a failure. */
export type Answer = { value: unknown } | { failure: unknown } | undefined;

interface Entry {
  value?: unknown;
  failure?: unknown;
  readonly isFailure: boolean;
  readonly tags: readonly string[];
  readonly freshUntil: number;
  keptUntil: number;
}

interface Caller {
  readonly forced: boolean;
  readonly staleIfError: number;
  readonly stale: Entry | undefined;
  answer: Answer;
}

/** A load in flight. */
export interface ModelLoad {
  readonly key: string;
  readonly asking: Asking;
  readonly stale: unknown;
  readonly callers: Caller[];
  readonly invalidated: Set<string>;
  superseded: boolean;
}

/** The simplest cache that loads, without bounds. Its time stands still until somebody sets it. */
export class LoadingModel {
  now = 0;
  readonly callers: Caller[] = [];
  readonly loads: ModelLoad[] = [];
  readonly removed: [string, ValueRemovalReason][] = [];
  private readonly entries = new Map<string, Entry>();
  private readonly current = new Map<string, ModelLoad>();
  private grace = 0;

  /** The value under a key that is fresh. Whatever has expired is noticed by this. */
  look(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry !== undefined && entry.keptUntil <= this.now) this.remove(key, 'expired');
    return entry === undefined || entry.isFailure || entry.freshUntil <= this.now ? undefined : entry.value;
  }

  put(key: string, value: unknown, asking: Asking): void {
    this.supersede(key);
    if (value === undefined) this.remove(key, 'deleted');
    else this.write(key, value, asking.ttl, asking);
  }

  delete(key: string): void {
    this.supersede(key);
    this.remove(key, 'deleted');
  }

  clear(): void {
    for (const load of this.loads) load.superseded = true;
    this.current.clear();
    for (const key of this.entries.keys()) this.remove(key, 'cleared');
  }

  invalidate(tag: string): void {
    for (const load of this.loads) {
      load.invalidated.add(tag);
      if (!load.asking.lateTags && load.asking.tags.includes(tag)) this.outdate(load);
    }
    for (const [key, { tags }] of this.entries) if (tags.includes(tag)) this.delete(key);
  }

  wrap(key: string, asking: Asking): void {
    const { forceRefresh: forced, staleWhileRevalidate, staleIfError, refreshAhead } = asking;
    this.keepStale(graceOf(asking));
    const entry = this.entries.get(key);
    const caller: Caller = {
      forced,
      staleIfError,
      stale: entry?.isFailure === true ? undefined : entry,
      answer: undefined,
    };
    this.callers.push(caller);
    if (forced) {
      if (this.current.get(key)?.asking.forceRefresh !== true) this.supersede(key);
      return this.join(key, asking, caller);
    }
    if (entry?.isFailure === true) return void (caller.answer = { failure: entry.failure });
    if (entry === undefined) return this.join(key, asking, caller);
    const age = this.now - entry.freshUntil;
    if (age >= 0 && age >= staleWhileRevalidate) return this.join(key, asking, caller);
    caller.answer = { value: entry.value };
    if ((age >= 0 || -age < refreshAhead) && !this.current.has(key)) this.start(key, asking, entry.value);
  }

  land(load: ModelLoad, value: unknown): void {
    this.end(load);
    const { asking, key } = load;
    for (const caller of load.callers) caller.answer = { value };
    if (load.superseded) return;
    if (value === undefined && asking.negativeTtl === 0) return this.remove(key, 'deleted');
    if (asking.tags.some((tag) => load.invalidated.has(tag))) return;
    this.write(key, value, value === undefined ? asking.negativeTtl : asking.ttl, asking);
  }

  fail(load: ModelLoad, failure: unknown): void {
    this.end(load);
    const { asking, key } = load;
    for (const caller of load.callers) {
      const { forced, stale, staleIfError } = caller;
      const given = !forced && stale !== undefined && this.now - stale.freshUntil < staleIfError;
      caller.answer = given ? { value: stale.value } : { failure };
    }
    const entry = this.entries.get(key);
    const holdsMore =
      entry !== undefined && (entry.isFailure || this.now - entry.freshUntil < Math.max(0, graceOf(asking)));
    if (load.superseded || asking.errorTtl === 0 || holdsMore) return;
    const until = this.now + asking.errorTtl;
    const tags = asking.lateTags ? [] : asking.tags;
    this.replace(key, { failure, isFailure: true, tags, freshUntil: until, keptUntil: until });
  }

  private join(key: string, asking: Asking, caller: Caller): void {
    const load = this.current.get(key) ?? this.start(key, asking, caller.stale?.value);
    load.callers.push(caller);
  }

  private start(key: string, asking: Asking, stale: unknown): ModelLoad {
    const load = { key, asking, stale, callers: [], invalidated: new Set<string>(), superseded: false };
    this.loads.push(load);
    this.current.set(key, load);
    return load;
  }

  private end(load: ModelLoad): void {
    this.loads.splice(this.loads.indexOf(load), 1);
    if (this.current.get(load.key) === load) this.current.delete(load.key);
  }

  private supersede(key: string): void {
    const load = this.current.get(key);
    if (load !== undefined) this.outdate(load);
  }

  private outdate(load: ModelLoad): void {
    load.superseded = true;
    if (this.current.get(load.key) === load) this.current.delete(load.key);
  }

  private keepStale(grace: number): void {
    if (grace <= this.grace) return;
    this.grace = grace;
    for (const entry of this.entries.values())
      if (entry.value !== undefined) entry.keptUntil = Math.max(entry.keptUntil, entry.freshUntil + grace);
  }

  private write(key: string, value: unknown, ttl: number, asking: Asking): void {
    const freshUntil = this.now + ttl;
    const grace = value === undefined ? graceOf(asking) : Math.max(this.grace, graceOf(asking));
    this.replace(key, {
      value,
      isFailure: false,
      tags: asking.tags,
      freshUntil,
      keptUntil: freshUntil + grace,
    });
  }

  private replace(key: string, entry: Entry): void {
    if (this.entries.get(key)?.value !== undefined) this.removed.push([key, 'replaced']);
    this.entries.set(key, entry);
  }

  private remove(key: string, reason: ValueRemovalReason): void {
    if (this.entries.get(key)?.value !== undefined) this.removed.push([key, reason]);
    this.entries.delete(key);
  }
}

function graceOf({ staleWhileRevalidate, staleIfError }: Asking): number {
  return Math.max(staleWhileRevalidate, staleIfError);
}
