import { nameOfToken } from './class-of.js';
import { staticProviders } from './static-providers.js';
import type { Modules } from './importers-of.js';

/**
 * Every static provider's instance, once, with the provider that it was found at first: `EU in RatesModule`. What stands
 * under several tokens is one.
 */
export function staticInstances(modules: Modules): Map<object, string> {
  const instances = new Map<object, string>();
  for (const { token, module, instance } of staticProviders(modules)) {
    if (typeof instance !== 'object' || instance === null || instances.has(instance)) continue;
    instances.set(instance, `${nameOfToken(token)} in ${module}`);
  }
  return instances;
}
