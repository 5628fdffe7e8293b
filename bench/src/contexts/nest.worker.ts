import { Injectable, Module } from '@nestjs/common';
import { defineWorker } from 'nestjs-resources/processors/worker';

@Injectable()
class Prices {
  of(amount: number): number {
    return amount * 2;
  }
}

@Module({ providers: [Prices] })
class WorkerModule {}

const { inject } = defineWorker({ context: WorkerModule, logger: false });

/** A worker with an application context, and nothing in it. */
export const price = inject([Prices], (prices) => (amount: number) => prices.of(amount));
