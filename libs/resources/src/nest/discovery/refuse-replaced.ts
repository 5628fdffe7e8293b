import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { describeValue } from '../../words/describe-value.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { pooledLease } from '../decorators/pooled-resource.decorator.js';
import { leasesDeclared } from '../decorators/resource-usage.js';
import { isLeaseProvider } from './lease-provider.js';
import type { Modules } from './importers-of.js';

/**
 * A test's own lease would reach constructors and properties only: handler parameters and the coordinator would go on lending the real
 * resource, and nobody would notice.
 *
 * @throws InvalidOptionsError naming the first such lease
 */
export function refuseReplacedLeases(modules: Modules, { pools }: ResourceCoordinator): void {
  const leases = [...leasesDeclared(), ...[...pools.keys()].map((type) => pooledLease(type))];
  for (const { providers, name } of modules.values()) {
    for (const { token, type, source } of leases) {
      const wrapper = providers.get(token);
      if (wrapper === undefined || isLeaseProvider(wrapper.metatype)) continue;
      throw new InvalidOptionsError(
        source === 'pool' ? `getLeaseToken('${type}')` : `getCachedLeaseToken('${type}')`,
        `has been given another provider, in ${name}: handler parameters and the coordinator would go on lending the real "${type}". ` +
          `Replace the resource for all of them with overrideResource(builder, '${type}', { create }) of nestjs-resources/testing; ` +
          `or test the class alone, in a module without ResourcesModule.`,
        type,
      );
    }
  }
}

/**
 * What a test puts in the coordinator's place would answer some who borrow, and not the others: all of this module asks it for more.
 *
 * @throws InvalidOptionsError unless it is a coordinator
 */
export function refuseReplacedCoordinator(coordinator: unknown): void {
  if (coordinator instanceof ResourceCoordinator) return;
  throw new InvalidOptionsError(
    'ResourceCoordinator',
    `must be one, beside ResourcesModule; got ${describeValue(coordinator)}. Replace the resources with overrideResource() of ` +
      `nestjs-resources/testing; or test the class alone, in a module without ResourcesModule.`,
  );
}
