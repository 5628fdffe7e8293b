import 'reflect-metadata';
import { DEFAULT_CACHE_OPTIONS, readSpan } from '../../cache/cache-options.js';
import type { WrapOptions } from '../../cache/entry-options.js';
import type { KeyFunction } from '../../cache/loads/load-host.js';
import { readWrapWindows } from '../../cache/loads/load-windows.js';
import { describeValue } from '../../words/describe-value.js';
import { nameOf } from '../discovery/class-of.js';
import { type OfCopy, THIS_COPY } from '../discovery/this-copy.js';
import { OptionReader } from '../../options/option-reader.js';
import {
  checkMethod,
  type DecoratorPlace,
  describePlace,
  refuseBare,
  standsTwice,
} from './decorator-place.js';

/** Names under which values are deleted together, or a function of the method's arguments that returns them. */
export type MethodTags = readonly string[] | ((...args: never[]) => readonly string[]);

/** Options of {@link Cached}. What is left out is as the cache's options say. */
export interface CachedOptions extends Pick<
  WrapOptions<unknown>,
  'staleWhileRevalidate' | 'staleIfError' | 'refreshAhead' | 'negativeTtl'
> {
  /**
   * What distinguishes one call's value from another's: a function of the arguments. Required when an argument is not plain
   * (a string, a number, a boolean, a bigint, null or undefined).
   */
  key?: (...args: never[]) => string;
  /**
   * What the value depends on in the request: the key function of the `@PooledResource` or `@CachedResource` by which the
   * method, or what it calls, borrows; or several. Called once in each call, in the caller's request; what it returns,
   * a non-empty string, becomes part of the entry's key, and is the key of those borrows. Any other borrow by a key
   * function is refused within the load: its values would reach other requests.
   */
  by?: KeyFunction | readonly KeyFunction[];
  /**
   * A name for the entries, unique in the application and unchanged by deployments. Required where the cache has
   * secondary stores. Default: one that is valid in this process only.
   */
  name?: string;
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

/** What the decorators record on a class about one method. */
export interface DecoratedMethod extends OfCopy {
  readonly name: string | symbol;
  readonly method: Method;
  /** What has the method: the prototype of the class that declares it. */
  readonly prototype: object;
  readonly cached?: CachedOptions;
  readonly evicts?: EvictsOptions;
  /** The types of its parameters, as far as the compiler emits them. */
  readonly parameters: readonly unknown[];
}

/** Fits every provider method that returns a promise. */
export type CachedMethodDecorator = <M extends (...args: never[]) => Promise<unknown>>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

const METHODS = 'resources:cached-methods';
const CACHED_OPTIONS: readonly string[] = [
  'key',
  'by',
  'name',
  'ttl',
  'tags',
  'staleWhileRevalidate',
  'staleIfError',
  'refreshAhead',
  'negativeTtl',
] satisfies (keyof CachedOptions)[];

/**
 * Keeps what a provider's method returns in the coordinator's cache, and loads it once for all concurrent callers.
 * Without `key`, the plain arguments are the key; other arguments are refused, because two users' values under
 * one key would be worse than no cache. The method then runs for all callers, in a scope of its own and outside of any
 * request: whatever depends on the request is refused in it, unless `by` declares it.
 *
 * @throws InvalidOptionsError for an option that cannot work, and where it stands on anything but a method of instances
 */
export function Cached(options: CachedOptions = {}): CachedMethodDecorator {
  refuseBare(options, '@Cached', '');
  const read = new OptionReader('@Cached()');
  read.group('', options, CACHED_OPTIONS);
  checkTags(read, options.tags);
  const { ttl, ...windows } = options;
  if (ttl !== undefined && typeof ttl !== 'function') readSpan(ttl, '@Cached().ttl');
  readWrapWindows(windows, DEFAULT_CACHE_OPTIONS.load, '@Cached().');
  if (options.key !== undefined && typeof options.key !== 'function')
    read.fail('key', `must be a function of the arguments; got ${describeValue(options.key)}.`);
  for (const find of keyFunctionsOf(options)) {
    if (typeof find !== 'function')
      read.fail('by', `must be a key function, or an array of key functions; got ${describeValue(find)}.`);
  }
  if (options.name !== undefined && (typeof options.name !== 'string' || options.name === ''))
    read.fail(
      'name',
      `must be a non-empty string, such as 'prices.list'; got ${describeValue(options.name)}.`,
    );
  return (target, name, descriptor) =>
    declare('Cached', { target, member: name, index: descriptor }, { cached: options });
}

/** The functions of `by`. */
export function keyFunctionsOf({ by = [] }: CachedOptions): readonly KeyFunction[] {
  return Array.isArray(by) ? (by as readonly KeyFunction[]) : [by as KeyFunction]; // isArray knows no readonly arrays
}

/**
 * Deletes cached values by their tags when a provider's method has succeeded; values that are being loaded meanwhile are
 * not kept.
 *
 * @throws InvalidOptionsError for an option that cannot work, and where it stands on anything but a method of instances
 */
export function Evicts(options: EvictsOptions): MethodDecorator {
  refuseBare(options, '@Evicts', "{ tags: ['prices'] }");
  const read = new OptionReader('@Evicts()');
  const { tags } = read.group('', options, ['tags']);
  if (tags === undefined) read.fail('tags', 'is required: the tags of the entries to evict.');
  checkTags(read, tags);
  return (target, name, descriptor) =>
    declare('Evicts', { target, member: name, index: descriptor }, { evicts: options });
}

/** Where a decorated method stands, for messages: `PricesService.list`. */
export function placeOfMethod(owner: object, { name }: DecoratedMethod): string {
  return `${nameOf(owner)}.${String(name)}`;
}

/** The decorated methods of a class and its ancestors. */
export function decoratedMethodsOf(owner: object | null): DecoratedMethod[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(METHODS, owner) ?? []) as DecoratedMethod[];
  return [...own, ...decoratedMethodsOf(Object.getPrototypeOf(owner) as object | null)];
}

function declare(
  decorator: 'Cached' | 'Evicts',
  place: DecoratorPlace,
  options: Pick<DecoratedMethod, 'cached' | 'evicts'>,
): void {
  checkMethod({ name: `@${decorator}()`, belongs: 'a method of a provider, and not a static one' }, place);
  const { target, member, index } = place as {
    target: object;
    member: string | symbol;
    index: PropertyDescriptor;
  }; // a method's
  const owner = target.constructor;
  const known = (Reflect.getOwnMetadata(METHODS, owner) ?? []) as DecoratedMethod[];
  const before = known.find(({ name }) => name === member);
  if (before !== undefined && Object.keys(options).some((each) => Object.hasOwn(before, each)))
    throw standsTwice(`@${decorator}()`, describePlace(place));
  const parameters = (Reflect.getMetadata('design:paramtypes', target, member) ?? []) as unknown[];
  const declared: DecoratedMethod = {
    ...before,
    ...options,
    copy: THIS_COPY,
    name: member,
    method: index.value as Method,
    prototype: target,
    parameters,
  };
  Reflect.defineMetadata(METHODS, [...known.filter((other) => other !== before), declared], owner);
}

function checkTags(read: OptionReader, tags: unknown): void {
  const fits =
    tags === undefined ||
    typeof tags === 'function' ||
    (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'));
  if (!fits)
    read.fail(
      'tags',
      `must be an array of strings or a function of the arguments; got ${describeValue(tags)}.`,
    );
}
