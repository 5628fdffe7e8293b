import { HealthCheckService } from '@nestjs/terminus';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach } from '@jest/globals';
import type { CoordinatorOptions } from '../coordinator/coordinator-options.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ResourcesModule } from '../nest/resources.module.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourcesHealthIndicator } from './resources-health.indicator.js';
import { ResourcesTerminusModule } from './resources-terminus.module.js';

/** An application that can be asked how it is, in a time of its own. */
export interface HealthBench {
  readonly clock: VirtualClock;
  readonly module: TestingModule;
  readonly coordinator: ResourceCoordinator;
  readonly indicator: ResourcesHealthIndicator;
  readonly health: HealthCheckService;
}

const running: TestingModule[] = [];

afterEach(async () => {
  for (const module of running.splice(0)) await module.close();
});

/** It is closed after the test. */
export async function compile(options: CoordinatorOptions): Promise<HealthBench> {
  const clock = new VirtualClock();
  const module = await Test.createTestingModule({
    imports: [ResourcesModule.forRoot({ clock, logging: false, ...options }), ResourcesTerminusModule],
  }).compile();
  running.push(module);
  return {
    clock,
    module,
    coordinator: module.get(ResourceCoordinator),
    indicator: module.get(ResourcesHealthIndicator),
    health: module.get(HealthCheckService),
  };
}

export async function start(options: CoordinatorOptions): Promise<HealthBench> {
  const bench = await compile(options);
  await bench.module.init();
  return bench;
}

/** Something of its own each time. */
export const create = (): object => ({});

export const refuse = (): never => {
  throw new Error('connection refused');
};
