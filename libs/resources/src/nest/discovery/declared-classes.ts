import type { ModulesContainer } from '@nestjs/core';

type Member = 'controllers' | 'providers' | 'injectables';

/** The classes of an application, once. Of a factory provider, the factory function is one: it carries no declaration. */
export function declaredClasses(
  modules: ModulesContainer,
  members: readonly Member[] = ['controllers', 'providers', 'injectables'],
): Set<object> {
  const classes = new Set<object>();
  for (const module of modules.values()) {
    for (const member of members) {
      for (const { metatype } of module[member].values()) {
        if (typeof metatype === 'function') classes.add(metatype);
      }
    }
  }
  return classes;
}
