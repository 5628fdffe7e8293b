import 'reflect-metadata';

/** A place in the code that asks for a resource type. */
export interface ResourceUsage {
  type: string;
  /** Such as `OrdersService (constructor parameter 0)`. */
  place: string;
}

const USAGES = 'resources:usages';

/** Every type that a decorator has named so far in this process, for the modules that are scanned after that. */
const declaredTypes = new Set<string>();

/** Remembers at the class what its decorator asked for, to be checked when the application starts. */
export function declareUsage(owner: object, usage: ResourceUsage): void {
  declaredTypes.add(usage.type);
  const known = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  Reflect.defineMetadata(USAGES, [...known, usage], owner);
}

/** What a class and its ancestors ask for. */
export function usagesOf(owner: object | null): ResourceUsage[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as ResourceUsage[];
  return [...own, ...usagesOf(Object.getPrototypeOf(owner) as object | null)];
}

/** All types named by decorators so far. */
export function typesDeclared(): string[] {
  return [...declaredTypes];
}
