import { type FactoryMembers, refuseUnknownMembers } from '../options/definition-members.js';
import { checkTypeName, definitionsOf } from '../options/definitions.js';
import { DEFAULT_POOL_OPTIONS, type PoolOptions, readPoolOptions } from '../pool/pool-options.js';
import { checkIsFactory, type ResourceFactory } from '../pool/factory/resource-factory.js';
import type { StartSettings } from '../lifecycle/type-life.js';
import type { Inferred, ResourceTypes } from './resource-types.js';
import { readStartOptions, START_OPTIONS, type StartOptions } from './starting/start-options.js';

/** A factory as a plain object, with the options of its pool and of its start. */
export type ResourceDefinition<T = unknown> = ResourceFactory<T> &
  StartOptions & {
    pool?: PoolOptions;
    /** Of cached resources only. */
    cache?: never;
  };

/**
 * A {@link ResourceDefinition} whose resource the compiler learns from `create` alone, whatever the others would take.
 *
 * @typeParam Taken what the other methods take
 */
export interface InlineResourceDefinition<T, Taken = Inferred<T>>
  extends Pick<ResourceDefinition<T>, 'create'>, Omit<ResourceDefinition<Taken>, 'create'> {}

// Resources differ from entry to entry, and a factory both makes and takes them: no single T fits but never/any.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyResourceDefinition = ResourceDefinition<any>;

/** Definitions by resource type: of those that are declared in `ResourceTypes`, if any are. */
export type ResourceDefinitions = [keyof ResourceTypes] extends [never]
  ? Record<string, AnyResourceDefinition>
  : { [K in keyof ResourceTypes]?: ResourceDefinition<ResourceTypes[K]> };

/**
 * {@link ResourceDefinitions} that are written out where they are used. While no type is declared, what each `create` makes is inferred,
 * except where its context has no type of its own (`create: ({ signal }) => ...`), or the whole object comes out of a function: there, the
 * other methods take anything, unless the definition stands in `defineResource()`.
 */
export type InferredDefinitions<R> = [keyof ResourceTypes] extends [never]
  ? { [K in keyof R]?: InlineResourceDefinition<R[K]> }
  : ResourceDefinitions;

const MEMBERS: FactoryMembers = {
  group: 'pool',
  methods: ['create', 'destroy', 'validate', 'reset', 'transactions'],
  options: Object.keys(DEFAULT_POOL_OPTIONS),
  startOptions: START_OPTIONS,
  elsewhere: {
    cache: 'belongs to cached types: put the type under "cachedResources", or its options under "pool".',
  },
};

/**
 * Checks a factory, and the options of its start and of its pool, which stand beside it, before anything starts.
 *
 * @param at where it stands, for the errors: `resources`
 * @returns how it starts
 * @throws InvalidOptionsError when it cannot work
 */
export function checkFactoryOf(
  type: string,
  factory: ResourceFactory<unknown>,
  startOptions: StartOptions,
  poolOptions: PoolOptions,
  at: string,
): StartSettings {
  check(type, factory, poolOptions, at, false);
  return readStartOptions(startOptions, `${at}.${type}`, type);
}

/** A definition that was checked. */
export interface CheckedDefinition {
  readonly type: string;
  readonly definition: ResourceDefinition;
  readonly settings: StartSettings;
}

/** Checks several definitions, as {@link checkFactoryOf} does one factory. @returns them, one after the other */
export function checkDefinitions(definitions: ResourceDefinitions, at: string): CheckedDefinition[] {
  return definitionsOf(definitions, at).map(([type, definition]) => {
    check(type, definition, definition?.pool, at, true);
    return { type, definition, settings: readStartOptions(definition, `${at}.${type}`, type) };
  });
}

function check(
  type: string,
  factory: ResourceFactory<unknown>,
  options: PoolOptions | undefined,
  at: string,
  isDefinition: boolean,
): void {
  checkTypeName(type, at, 'pg');
  checkIsFactory(factory, `${at}.${type}`, type);
  readPoolOptions(
    options === undefined ? {} : options,
    `${at}.${type}.pool`,
    type,
    factory.validate !== undefined,
  );
  refuseUnknownMembers(factory, MEMBERS, isDefinition, `${at}.${type}`, type);
}
