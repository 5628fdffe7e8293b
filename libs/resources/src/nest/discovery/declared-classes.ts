import type { ModuleRecord, Modules } from './importers-of.js';

type Member = 'controllers' | 'providers' | 'injectables';

const ALL: readonly Member[] = ['controllers', 'providers', 'injectables'];

/** The classes of an application, once. Of a factory provider, the factory function is one: it carries no declaration. */
export function declaredClasses(modules: Modules, members: readonly Member[] = ALL): Set<object> {
  return new Set([...modules.values()].flatMap((module) => classesOf(module, members)));
}

/** The classes of one module. */
export function classesOf(module: ModuleRecord, members: readonly Member[] = ALL): object[] {
  return members
    .flatMap((member) => [...module[member].values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype] : []));
}
