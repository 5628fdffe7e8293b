import type { ModulesContainer } from '@nestjs/core';

/** Every static provider's instance, once. */
export function staticInstances(modules: ModulesContainer): Set<object> {
  const instances = new Set<object>();
  for (const module of modules.values()) {
    for (const wrapper of module.providers.values()) {
      if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) continue;
      const instance: unknown = wrapper.instance;
      if (typeof instance === 'object' && instance !== null) instances.add(instance);
    }
  }
  return instances;
}
