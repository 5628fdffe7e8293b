import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { heed } from '../words/warn-of.js';
import { readCallersOptions } from '../options/callers-options.js';
import { checkSignal } from '../hooks/abort-signals.js';
import type { DestroyContext } from '../hooks/destroyer.js';
import { describeValue } from '../words/describe-value.js';
import type { Duration } from '../time/duration.js';
import { OWN_NAME } from '../options/option-reader.js';
import { type CacheSettings, type LoadSettings, readSpan } from './cache-options.js';
import type { Patience } from './loads/flight.js';
import type { LoadOrigin } from './loads/load-host.js';
import { graceOf, readGrace, readWrapWindows } from './loads/load-windows.js';

/** Options of one entry. */
export interface PutOptions {
  /** How long it lives, instead of the cache's `ttl`. More than 0. */
  ttl?: Duration;
  /** Names under which it can be deleted together with others. */
  tags?: readonly string[];
  /** How long after its `ttl` it may still be given out by a `wrap` that asks for that: see {@link WrapOptions}. Default: the cache's. */
  staleWhileRevalidate?: Duration;
  /** The same, for a `wrap` whose load fails. Default: the cache's. */
  staleIfError?: Duration;
}

/** What a load is told. */
export interface LoadContext {
  readonly key: string;
  /**
   * The value that this load is to replace, if one is kept: one that is stale, is refreshed before its end, or was not good enough for a
   * caller that has asked for {@link WrapOptions.forceRefresh}. `undefined` otherwise, and for live resources.
   */
  readonly stale?: unknown;
  /** Aborted when nobody waits for the load any more, or when its time is up. */
  readonly signal: AbortSignal;
}

/** Makes the value of a key. */
export type Load<T> = (context: LoadContext) => T | PromiseLike<T>;

/** Options of one look-up that may load. What is left out is taken from the cache's options. */
export interface WrapOptions<T> {
  /** How long the value lives: a duration of more than 0, or a function of the value. */
  ttl?: Duration | ((value: T) => Duration);
  /** Names under which it can be deleted together with others, or a function of the value. */
  tags?: readonly string[] | ((value: T) => readonly string[]);
  /** This caller gives up when it is aborted. The load goes on for others that wait for it. */
  signal?: AbortSignal;
  /** Most time that this caller waits, more than 0. Default: as long as the load may take. */
  timeout?: Duration;
  /** Most time for the load, if this caller starts it. */
  loadTimeout?: Duration;
  staleWhileRevalidate?: Duration;
  staleIfError?: Duration;
  /** A duration, or a function of the value that is there. */
  refreshAhead?: Duration | ((value: T) => Duration);
  negativeTtl?: Duration;
  errorTtl?: Duration;
  /**
   * Loads now, whatever is cached or being loaded, and keeps the result in place of it; one load for all who ask for this meanwhile.
   * When it fails, those callers get the failure, and what was cached stays. Default false.
   */
  forceRefresh?: boolean;
}

/** {@link WrapOptions} of a caller that knows more of the entry than its key: a decorator. */
export interface OriginWrapOptions<T> extends WrapOptions<T> {
  origin?: LoadOrigin;
  /** Hears how the load has ended, if this caller started it. Must not throw. */
  loaded?: (outcome: LoadOutcome) => void;
}

/** How a load has ended. */
export interface LoadOutcome {
  /** Whether nobody had to wait for it. */
  readonly background: boolean;
  /** What it brought, and whether it was kept. */
  readonly value?: unknown;
  readonly kept: boolean;
  /** What it has failed with. */
  readonly failure?: { readonly reason: unknown };
}

/** Options of one lease on a cached resource. */
export interface LeaseOptions<T> {
  /** Ends the resource's life. Called once, when it has left the cache and its last lease has ended. */
  destroy?: (resource: T, context: DestroyContext) => unknown;
  /**
   * Whether it still works. Called before it is lent, if nobody uses it, as the cache's `validation` says. `true` means yes;
   * anything else, a throw or no answer within `validation.timeout` included, takes it out of the cache, and the caller gets another.
   */
  validate?: (resource: T) => boolean | PromiseLike<boolean>;
  /** How long it lives in the cache, instead of the cache's `ttl`. More than 0. */
  ttl?: Duration;
  tags?: readonly string[];
  /** This caller gives up when it is aborted. The load goes on for others that wait for it. */
  signal?: AbortSignal;
  /** Most time from asking to having a lease, more than 0. Default: `lease.timeout` of the cache's options. */
  timeout?: Duration;
  /** The caller, for reports and errors. Default `'anonymous'`. */
  owner?: string;
}

/** {@link WrapOptions} read; times in milliseconds. */
export interface WrapSettings<T> extends LoadSettings {
  /** @throws InvalidOptionsError */
  ttlOf(value: T): number;
  tagsOf(value: T): readonly string[];
  /** The tags that are known before the value is. */
  readonly tags: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly patience: number;
  readonly origin: LoadOrigin | undefined;
  readonly loaded: ((outcome: LoadOutcome) => void) | undefined;
  /** Given instead of `refreshAhead`. */
  readonly refreshAheadOf: ((value: T) => number) | undefined;
  readonly forced: boolean;
  /** How long its values are kept beyond their life. */
  readonly grace: number;
}

/** How a value is kept; times in milliseconds. */
export interface Keeping {
  readonly ttl: number;
  readonly tags: readonly string[];
  /** How long it is kept beyond its life, as a stale value. */
  readonly grace: number;
}

/** How a resource is made, kept, proved and ended. */
export interface Making {
  readonly load: Load<unknown>;
  readonly destroy: ((resource: unknown, context: DestroyContext) => unknown) | undefined;
  readonly validate: ((resource: unknown) => unknown) | undefined;
  /** Milliseconds. */
  readonly ttl: number;
  readonly tags: readonly string[];
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readPutOptions(options: PutOptions, settings: CacheSettings): Keeping {
  return readOptions(options, ({ ttl, tags = NO_TAGS, staleWhileRevalidate, staleIfError }) => ({
    ttl: ttl === undefined ? settings.ttl : readSpan(ttl, 'ttl'),
    tags: readTags(tags),
    grace: readGrace(staleWhileRevalidate, staleIfError),
  }));
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readLeaseOptions<T>(
  load: Load<T>,
  options: LeaseOptions<T>,
  settings: CacheSettings,
): { making: Making; patience: Patience } {
  return readOptions(options, ({ ttl, tags = NO_TAGS, timeout, signal, owner, destroy, validate }) => ({
    making: {
      load,
      destroy: readHook('destroy', destroy),
      validate: readHook('validate', validate),
      ttl: ttl === undefined ? settings.ttl : readSpan(ttl, 'ttl'),
      tags: readTags(tags),
    },
    patience: {
      signal: readSignal(signal),
      timeout: timeout === undefined ? settings.lease.timeout : readSpan(timeout, 'timeout'),
      owner: readOwner(owner),
      origin: settings.origins.next(),
    },
  }));
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readWrapOptions<T>(options: OriginWrapOptions<T>, settings: CacheSettings): WrapSettings<T> {
  return readOptions(options, (given) => readWrap(given, settings));
}

function readWrap<T>(options: OriginWrapOptions<T>, settings: CacheSettings): WrapSettings<T> {
  const { ttl = settings.ttl, tags = NO_TAGS, signal, timeout, loadTimeout, origin, loaded } = options;
  const { refreshAhead } = options;
  const windows = readWrapWindows(options, settings.load, '');
  const lifetime = typeof ttl === 'function' ? undefined : readSpan(ttl, 'ttl');
  const names = typeof tags === 'function' ? undefined : readTags(tags);
  return {
    // One by one: V8 keeps an object that was spread into and then grows this far as a dictionary, which takes five times as long.
    staleWhileRevalidate: windows.staleWhileRevalidate,
    staleIfError: windows.staleIfError,
    refreshAhead: windows.refreshAhead,
    negativeTtl: windows.negativeTtl,
    errorTtl: windows.errorTtl,
    grace: graceOf(windows),
    refreshAheadOf:
      typeof refreshAhead === 'function'
        ? (value) => OWN_NAME.duration('refreshAhead', atOnce(refreshAhead(value)), 0)
        : undefined,
    forced: OWN_NAME.flag('forceRefresh', options.forceRefresh, false),
    timeout: loadTimeout === undefined ? settings.load.timeout : readSpan(loadTimeout, 'loadTimeout'),
    // One of the two is always there: what is not a function was read above.
    ttlOf: (value) => lifetime ?? readSpan(atOnce((ttl as (value: T) => Duration)(value)), 'ttl'),
    tagsOf: (value) => names ?? readTags(atOnce((tags as (value: T) => readonly string[])(value))),
    tags: names ?? NO_TAGS,
    signal: readSignal(signal),
    patience: timeout === undefined ? Infinity : readSpan(timeout, 'timeout'),
    origin,
    loaded,
  };
}

export const NO_TAGS: readonly string[] = [];

/** The answer of a user's function that must answer at once: a promise is not an answer, and its rejection must not go unhandled. */
function atOnce<A>(answer: A): A {
  heed(answer);
  return answer;
}

/** @throws InvalidOptionsError if they are not an array of strings */
export function readTags(tags: readonly string[]): readonly string[] {
  try {
    if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  } catch {
    // Nothing that can be read.
  }
  throw new InvalidOptionsError('tags', `must be an array of strings; got ${describeValue(tags)}.`);
}

/** @throws InvalidOptionsError if it is not a string */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string')
    throw new InvalidOptionsError(
      'key',
      `must be a string; got ${describeValue(key)}. Build it from what identifies the value.`,
    );
}

/** @throws InvalidOptionsError if it is not a function */
export function checkLoad(load: unknown): void {
  if (typeof load !== 'function')
    throw new InvalidOptionsError(
      'load',
      `must be a function that makes the value; got ${describeValue(load)}.`,
    );
}

/** @throws InvalidOptionsError if it is not a signal */
export function readSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  checkSignal(signal);
  return signal;
}

/** @throws InvalidOptionsError if it is given and not a string */
export function readOwner(owner: unknown): string | undefined {
  if (owner === undefined || typeof owner === 'string') return owner;
  throw new InvalidOptionsError('owner', `must be a string; got ${describeValue(owner)}.`);
}

/** Reads the options of one call. @throws InvalidOptionsError */
export function readOptions<O, R>(options: O, read: (options: O) => R): R {
  return readCallersOptions(options, undefined, read);
}

/** @throws InvalidOptionsError if it is given and not a function */
function readHook<N extends 'destroy' | 'validate'>(name: N, hook: unknown): Making[N] {
  if (hook === undefined || typeof hook === 'function') return hook as Making[N]; // it gets what the load made
  throw new InvalidOptionsError(name, `must be a function; got ${describeValue(hook)}.`);
}
