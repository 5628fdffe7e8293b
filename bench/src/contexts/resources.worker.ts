import { Module } from '@nestjs/common';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { defineWorker } from 'nestjs-resources/processors/worker';

@Module({ imports: [ResourcesModule.forRoot({ logging: false })] })
class WorkerModule {}

const { inject } = defineWorker({ context: WorkerModule, logger: false });

/** A worker with an application context that has resources of its own. */
export const price = inject(
  [ResourceCoordinator],
  (coordinator) => (amount: number) => amount * (coordinator.pools.size + 2),
);
