import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { nameOfToken } from './class-of.js';
import type { ModuleRecord } from './importers-of.js';
import { isLeaseProvider } from './lease-provider.js';

type Provider = ReturnType<ModuleRecord['getProviderByKey']>;

/** Hooks in which somebody may borrow, or give up what others borrow with. */
const HOOKS = ['onModuleInit', 'onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'];

/**
 * What a module has that has hooks and is given what borrows, however it is provided and given: a coordinator or a lease, or another provider of the
 * same module that is. What it is given of other modules may have its own reasons to borrow.
 *
 * @returns its name
 */
export function hookedBorrowerIn(module: ModuleRecord): string | undefined {
  const own = new Set<Provider>([
    ...module.controllers.values(),
    ...module.providers.values(),
    ...module.injectables.values(),
  ]);
  const borrower = [...own].find((each) => hasHooks(each) && borrows(each, own));
  return borrower === undefined ? undefined : nameOfToken(borrower.token);
}

/** @param own the module's, through which one may borrow */
function borrows(provider: Provider, own: ReadonlySet<Provider>): boolean {
  const asked = new Set([provider]);
  for (const each of asked) {
    const given = [
      ...(each.getCtorMetadata() ?? []),
      ...(each.getPropertiesMetadata() ?? []).map(({ wrapper }) => wrapper),
    ];
    for (const dependency of given) {
      if (dependency.token === ResourceCoordinator || isLeaseProvider(dependency.metatype)) return true;
      if (own.has(dependency)) asked.add(dependency);
    }
  }
  return false;
}

/** Nest calls those of what is made once. */
function hasHooks(provider: Provider): boolean {
  if (!provider.isDependencyTreeStatic() || provider.isTransient) return false;
  const instance: unknown = provider.instance;
  if (typeof instance !== 'object' || instance === null) return false;
  try {
    return HOOKS.some((hook) => hook in instance);
  } catch {
    return false; // a proxy that does not let itself be asked
  }
}
