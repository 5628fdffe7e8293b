import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { refuseMisplacedOptions } from '../options/misplaced-options.js';
import { DEFAULT_POOL_OPTIONS, type PoolOptions, readPoolOptions } from '../pool/pool-options.js';
import { checkFactory, type ResourceFactory } from '../pool/factory/resource-factory.js';
import { describeValue } from '../errors/describe-value.js';

/** A factory as a plain object, with the options of its pool. */
export type ResourceDefinition<T = unknown> = ResourceFactory<T> & { pool?: PoolOptions };

/** Definitions by resource type. */
// Resources differ from entry to entry, and a factory both makes and takes them: no single T fits but never/any.
// oxlint-disable-next-line typescript/no-explicit-any
export type ResourceDefinitions = Record<string, ResourceDefinition<any>>;

/**
 * Checks one definition before anything starts.
 *
 * @param at where it stands, for the errors: `resources`
 * @throws InvalidOptionsError when it cannot work
 */
export function checkDefinition(
  type: string,
  factory: ResourceFactory<unknown>,
  options: PoolOptions,
  at: string,
): void {
  if (type === '')
    throw new InvalidOptionsError(at, 'has a resource type without a name; give it one, such as "pg".');
  checkFactory(factory, `${at}.${type}`, type);
  readPoolOptions(options, `${at}.${type}.pool`, type, factory.validate !== undefined);
}

/** Checks several definitions, as {@link checkDefinition} does one. */
export function checkDefinitions(definitions: ResourceDefinitions, at: string): void {
  if (typeof definitions !== 'object' || definitions === null) {
    throw new InvalidOptionsError(
      at,
      `must be an object of factories by resource type; got ${describeValue(definitions)}.`,
    );
  }
  for (const [type, definition] of Object.entries(definitions)) {
    checkDefinition(type, definition, definition?.pool ?? {}, at);
    refuseMisplacedOptions(definition, Object.keys(DEFAULT_POOL_OPTIONS), 'pool', `${at}.${type}`, type);
  }
}
