import 'reflect-metadata';
import { DEFAULT_CACHE_OPTIONS, readSpan, readWindows } from '../../cache/cache-options.js';
import type { WrapOptions } from '../../cache/entry-options.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { format } from '../../time/duration.js';

/** Names under which values are forgotten together, or a function of the method's arguments. */
export type MethodTags = readonly string[] | ((...args: never[]) => readonly string[]);

/** Options of {@link Cached}. What is left out is as the cache's options say. */
export interface CachedOptions extends Pick<
  WrapOptions<unknown>,
  'staleWhileRevalidate' | 'staleIfError' | 'refreshAhead' | 'negativeTtl'
> {
  /**
   * What tells one call's value from another's: a function of the arguments. Needed when an argument is not plain (a
   * string, a number, a boolean, a bigint, null or undefined), or when the class has a resource that depends
   * on the request.
   */
  key?: (...args: never[]) => string;
  /** How long a value lives. */
  ttl?: WrapOptions<unknown>['ttl'];
  tags?: MethodTags;
}

/** Options of {@link Evicts}. */
export interface EvictsOptions {
  tags: MethodTags;
}

/** A method as the decorators see it. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What the decorators leave at a class about one method. */
export interface DecoratedMethod {
  readonly name: string | symbol;
  readonly method: Method;
  readonly cached?: CachedOptions;
  readonly evicts?: EvictsOptions;
  /** The types of its parameters, as far as the compiler tells. */
  readonly parameters: readonly unknown[];
}

/** Fits every method of a provider that answers with a promise. */
export type CachedMethodDecorator = <M extends (...args: never[]) => Promise<unknown>>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

const METHODS = 'resources:cached-methods';
const CACHED_OPTIONS: readonly string[] = [
  'key',
  'ttl',
  'tags',
  'staleWhileRevalidate',
  'staleIfError',
  'refreshAhead',
  'negativeTtl',
] satisfies (keyof CachedOptions)[];

/**
 * Keeps what a provider's method answers in the coordinator's cache, and loads it once for all who ask meanwhile.
 * Without `key`, the plain arguments are the key; other arguments are refused, because two users' values under
 * one key would be worse than none.
 *
 * @throws InvalidOptionsError for an option that cannot work
 */
export function Cached(options: CachedOptions = {}): CachedMethodDecorator {
  check('@Cached()', options, CACHED_OPTIONS);
  const { ttl, ...windows } = options;
  if (ttl !== undefined && typeof ttl !== 'function') readSpan(ttl, '@Cached().ttl');
  readWindows(windows, DEFAULT_CACHE_OPTIONS.load, '@Cached().');
  if (options.key !== undefined && typeof options.key !== 'function')
    throw new InvalidOptionsError(
      '@Cached().key',
      `must be a function of the arguments; got ${format(options.key)}.`,
    );
  return (target, name, descriptor) => declare(target, name, descriptor.value, { cached: options });
}

/**
 * Forgets cached values by their tags when a provider's method has succeeded; what is being loaded meanwhile is not
 * kept.
 *
 * @throws InvalidOptionsError for an option that cannot work
 */
export function Evicts(options: EvictsOptions): MethodDecorator {
  check('@Evicts()', options, ['tags']);
  if (options.tags === undefined)
    throw new InvalidOptionsError('@Evicts().tags', 'is needed: the tags of what is to be forgotten.');
  return (target, name, descriptor) => declare(target, name, descriptor.value, { evicts: options });
}

/** The decorated methods of a class and its ancestors. */
export function decoratedMethodsOf(owner: object | null): DecoratedMethod[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(METHODS, owner) ?? []) as DecoratedMethod[];
  return [...own, ...decoratedMethodsOf(Object.getPrototypeOf(owner) as object | null)];
}

function declare(
  target: object,
  name: string | symbol,
  method: unknown,
  options: Pick<DecoratedMethod, 'cached' | 'evicts'>,
): void {
  const owner = target.constructor;
  const known = (Reflect.getOwnMetadata(METHODS, owner) ?? []) as DecoratedMethod[];
  const before = known.find((other) => other.name === name);
  const parameters = (Reflect.getMetadata('design:paramtypes', target, name) ?? []) as unknown[];
  // A method decorator's descriptor has the method.
  const declared = { ...before, ...options, name, method: method as Method, parameters };
  Reflect.defineMetadata(METHODS, [...known.filter((other) => other !== before), declared], owner);
}

function check(at: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionsError(at, `must be given an object; got ${format(options)}.`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidOptionsError(`${at}.${unknown}`, `is no option. Known here: ${known.join(', ')}.`);
  const { tags } = options as { tags?: unknown };
  const fits =
    tags === undefined ||
    typeof tags === 'function' ||
    (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'));
  if (!fits)
    throw new InvalidOptionsError(
      `${at}.tags`,
      `must be an array of strings or a function of the arguments; got ${format(tags)}.`,
    );
}
