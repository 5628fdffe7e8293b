import 'reflect-metadata';
import type { LeaseTerms } from '../../scopes/lease-terms.js';
import { getLeaseToken } from './lease-token.js';

/** A place in the code that asks for a resource type. */
export interface ResourceUsage {
  type: string;
  /** For whom it asks. */
  terms: LeaseTerms | undefined;
  /** Such as `OrdersService (constructor parameter 0)`. */
  place: string;
}

const USAGES = 'resources:usages';

/** Every lease that a decorator has asked for so far in this process, by its token, for the modules that are scanned after that. */
const declaredLeases = new Map<string, Pick<ResourceUsage, 'type' | 'terms'>>();

/** Remembers at the class what its decorator asked for, to be checked when the application starts. */
export function declareUsage(owner: object, usage: ResourceUsage): void {
  const { type, terms } = usage;
  declaredLeases.set(getLeaseToken(type, terms), { type, terms });
  const known = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  Reflect.defineMetadata(USAGES, [...known, usage], owner);
}

/** What a class and its ancestors ask for. */
export function usagesOf(owner: object | null): ResourceUsage[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  return [...own, ...usagesOf(Object.getPrototypeOf(owner) as object | null)];
}

/** All leases that decorators have asked for so far. */
export function leasesDeclared(): Pick<ResourceUsage, 'type' | 'terms'>[] {
  return [...declaredLeases.values()];
}
