import 'reflect-metadata';
import { type OfCopy, THIS_COPY } from '../discovery/this-copy.js';
import type { DeclaredLease } from './declared-lease.js';
import { type DecoratorPlace, describePlace, isSamePlace, standsTwice } from './decorator-place.js';

/** A place in the code that asks for a resource. */
export interface ResourceUsage extends OfCopy {
  readonly lease: DeclaredLease;
  readonly at: DecoratorPlace;
  /** Such as `OrdersService (constructor parameter 0)`. */
  readonly place: string;
  /** The method, where it is a parameter of one. */
  readonly method: string | symbol | undefined;
}

const USAGES = 'resources:usages';

/** The decorator and where it stands, for messages: `@PooledResource('pg') of OrdersService (constructor parameter 0)`. */
export function describeUsage({ lease, place }: ResourceUsage): string {
  return `${lease.decorator} of ${place}`;
}

/** Every lease that a decorator has asked for so far in this process, by its token, for the modules that are scanned later. */
const declaredLeases = new Map<string, DeclaredLease>();

/**
 * Records on the class what its decorator asked for, to be checked when the application starts.
 *
 * @throws InvalidOptionsError if another one stands in the same place
 */
export function declareUsage(owner: object, given: Omit<ResourceUsage, 'copy' | 'place'>): void {
  const usage: ResourceUsage = { ...given, place: describePlace(given.at), copy: THIS_COPY };
  const known = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  if (known.some(({ at }) => isSamePlace(at, usage.at)))
    throw standsTwice(usage.lease.decorator, usage.place);
  declaredLeases.set(usage.lease.token, usage.lease);
  Reflect.defineMetadata(USAGES, [...known, usage], owner);
}

/** What a class and its ancestors ask for. */
export function usagesOf(owner: object | null): ResourceUsage[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  return [...own, ...usagesOf(Object.getPrototypeOf(owner) as object | null)];
}

/** All leases that decorators have asked for so far. */
export function leasesDeclared(): Iterable<DeclaredLease> {
  return declaredLeases.values();
}
