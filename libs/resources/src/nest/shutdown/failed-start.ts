import type { NestContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { marked } from '../discovery/check-modules.js';

/**
 * Ends the resources of an application whose start has failed: Nest calls no hook of its end then, and what was warmed up before
 * would keep the process alive, or be torn down with it.
 */
export async function endFailedStart(container: NestContainer | undefined): Promise<void> {
  const modules = container?.getModules();
  if (modules === undefined) return;
  for (const { module } of marked(modules.values(), 'root')) {
    const coordinator: unknown = module.providers.get(ResourceCoordinator)?.instance;
    if (coordinator instanceof ResourceCoordinator) await coordinator.cleanup({ deadline: 0 });
  }
}
