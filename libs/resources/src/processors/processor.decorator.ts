import {
  type ProcessorDefinition,
  resourceOfProcessor,
} from '../coordinator/processors/processor-definition.js';
import type { ResourceTypeName } from '../coordinator/resource-types.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { checkTypeName } from '../nest/decorators/check-type-name.js';
import { declareFactory } from '../nest/decorators/declared-factory.js';
import { nameOf } from '../nest/discovery/class-of.js';
import type { ProcessorThread } from '../threads/jobs/job-types.js';

/**
 * A worker thread lent like any other resource: what `@PooledResource('pdf')` lends of a type that `@Processor('pdf', ...)` declares.
 *
 * @typeParam W the worker module: `typeof import('./pdf.worker.js')`
 */
export interface Processor<W = unknown> extends ProcessorThread<W> {}

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
  const at = `@Processor('${type}')`;
  const { pool, dependsOn, optional, startTimeout, ...factory } = resourceOfProcessor(options, { at, type });
  const declare = declareFactory({
    source: 'pool',
    type,
    options: { ...pool, dependsOn, optional, startTimeout },
    decorator: 'Processor',
  });
  return (target: NewableFunction, ...place: unknown[]) => {
    Reflect.apply(declare, undefined, [target, ...place]);
    giveMembers(target, factory, `${at} of ${nameOf(target)}`, type);
  };
}

/** The members of a factory that makes one of its own for each application. */
function giveMembers(target: NewableFunction, factory: object, at: string, type: string): void {
  const prototype = target.prototype as object; // it was decorated as a class
  for (const name of Reflect.ownKeys(factory)) {
    if (name in prototype)
      throw new InvalidOptionsError(
        at,
        `has a method "${String(name)}", which the decorator gives it. Remove one of the two, or rename the method.`,
        type,
      );
    const value: unknown = Reflect.get(factory, name);
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
