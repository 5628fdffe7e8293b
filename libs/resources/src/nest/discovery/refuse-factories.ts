import { isObject } from '../../hooks/is-object.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { type DeclaredFactory, factoriesOf, placeOfFactory } from '../decorators/declared-factory.js';
import { declaredClasses } from './declared-classes.js';
import type { Modules } from './importers-of.js';

/**
 * Refuses factory classes of which there would be none, or many: a type has one factory, which is there when the application starts.
 *
 * @throws InvalidOptionsError
 */
export function refuseScopedFactories(modules: Modules): void {
  for (const owner of declaredClasses(modules, ['controllers']))
    refuse(
      owner,
      'is a controller, and factories are looked for among the providers. Put it in the providers of the module.',
    );
  for (const module of modules.values()) {
    for (const wrapper of module.providers.values()) {
      if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) continue;
      if (typeof wrapper.metatype === 'function')
        refuse(
          wrapper.metatype,
          `in ${module.name} is made per request or per consumer, or injects something that is. ` +
            `A type has one factory, which serves all requests: make it, and what it injects, singletons.`,
        );
    }
  }
}

/** @throws InvalidOptionsError for a method that only a pool calls, unless the class is the factory of a pool, too */
export function refuseReset(declared: DeclaredFactory, owner: object, instance: unknown): void {
  if (
    !isObject(instance) ||
    !('reset' in instance) ||
    factoriesOf(owner).some(({ source }) => source === 'pool')
  )
    return;
  throw new InvalidOptionsError(
    placeOfFactory(declared, owner),
    'has a "reset", which is never called: others may be using the resource. Remove it, or make it a @ResourceFactory().',
    declared.type,
  );
}

function refuse(owner: object, problem: string): void {
  const [declared] = factoriesOf(owner);
  if (declared !== undefined)
    throw new InvalidOptionsError(placeOfFactory(declared, owner), problem, declared.type);
}
