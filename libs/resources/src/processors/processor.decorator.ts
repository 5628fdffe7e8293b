import {
  type ProcessorDefinition,
  resourceOfProcessor,
} from '../coordinator/processors/processor-definition.js';
import type { ResourceDefinition } from '../coordinator/resource-definition.js';
import type { ResourceTypeName } from '../coordinator/resource-types.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { FACTORY_ROOM, FACTORY_STATS } from '../hooks/factory-stats.js';
import { checkTypeName } from '../nest/decorators/check-type-name.js';
import { declareFactory } from '../nest/decorators/declared-factory.js';
import { nameOf } from '../nest/discovery/class-of.js';
import type { ProcessorThread } from '../threads/job-types.js';

/**
 * A worker thread lent like any other resource: what `@PooledResource('pdf')` lends of a type that `@Processor('pdf', ...)` declares.
 *
 * @typeParam W the worker module: `typeof import('./pdf.worker.js')`
 */
export interface Processor<W = unknown> extends ProcessorThread<W> {}

/** What the decorator gives a class. */
const METHODS = ['create', 'reset', 'destroy', FACTORY_STATS, FACTORY_ROOM] as const;

/**
 * Declares a processor type: an injectable class, which needs no members of its own. Provide it in any module; it is found when the application
 * starts, and its threads with it.
 *
 * @throws InvalidOptionsError if `type` is not a name, an option can't work, the worker file is not there, or the class has methods of those
 * names: `create`, `reset`, `destroy`
 */
export function Processor(type: ResourceTypeName, options: ProcessorDefinition): ClassDecorator {
  const example = "'pdf', { file: new URL('./pdf.worker.js', import.meta.url) }";
  checkTypeName(type, '@Processor', 'the name of a resource type', example);
  const make = (): ResourceDefinition<ProcessorThread> =>
    resourceOfProcessor(options, { at: `@Processor('${type}')`, type });
  const { pool, dependsOn, optional, startTimeout } = make();
  const declare = declareFactory({
    source: 'pool',
    type,
    options: { ...pool, dependsOn, optional, startTimeout },
    decorator: 'Processor',
  });
  return (target: NewableFunction, ...place: unknown[]) => {
    Reflect.apply(declare, undefined, [target, ...place]);
    giveMethods(target, type, make);
  };
}

/** Each instance is the factory of one application. */
function giveMethods(
  target: NewableFunction,
  type: string,
  make: () => ResourceDefinition<ProcessorThread>,
): void {
  const factories = new WeakMap<object, ResourceDefinition<ProcessorThread>>();
  const factoryOf = (instance: object): ResourceDefinition<ProcessorThread> => {
    const factory = factories.get(instance) ?? make();
    factories.set(instance, factory);
    return factory;
  };
  const prototype = target.prototype as object; // it was decorated as a class
  for (const name of METHODS) {
    if (name in prototype)
      throw new InvalidOptionsError(
        `@Processor('${type}') of ${nameOf(target)}`,
        `has a method "${String(name)}", which the decorator gives it. Remove one of the two, or rename the method.`,
        type,
      );
    const value = function perform(this: object, ...args: unknown[]): unknown {
      const factory = factoryOf(this);
      const method = Reflect.get(factory, name) as (...args: unknown[]) => unknown;
      return Reflect.apply(method, factory, args); // takes what it is given
    };
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
