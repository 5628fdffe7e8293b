import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  getLeaseToken,
  PooledResource,
  ResourceCoordinator,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';
import { defineWorker, type JobContext } from 'nestjs-resources/processors/worker';
import { trace } from './traced.fixture.js';

class Pen {
  readonly written: string[] = [];
}

/** Borrows, and never gives back by itself. */
@Injectable()
class Writer {
  constructor(@PooledResource('pen') private readonly pen: ScopedLease<Pen>) {}

  async write(text: string): Promise<number> {
    const { written } = await this.pen.acquire();
    return written.push(text);
  }
}

@Injectable({ scope: Scope.REQUEST })
class Signature {
  constructor(
    @PooledResource('pen') readonly pen: ScopedLease<Pen>,
    @Inject(REQUEST) readonly job: JobContext,
  ) {}
}

@Module({
  imports: [
    ResourcesModule.forRoot({
      logging: false,
      resources: {
        pen: {
          create: () => {
            trace('pen');
            return new Pen();
          },
          destroy: () => trace('pen is gone'),
          pool: { max: 1 },
        },
      },
    }),
  ],
  providers: [Writer, Signature],
})
class WorkerModule {}

const { inject } = defineWorker({ context: WorkerModule, logger: false });

export const write = inject([Writer], (writer) => async (text: string) => await writer.write(text));

export const fails = inject([Writer], (writer) => async (text: string): Promise<never> => {
  await writer.write(text);
  throw new TypeError('no ink');
});

export const sign = inject(
  [Signature, getLeaseToken('pen')],
  ({ pen }, same: ScopedLease<Pen>) =>
    async () => {
      return (await pen.acquire()) === (await same.acquire());
    },
);

export const lines = inject(
  [Writer],
  (writer) =>
    async function* (fail: boolean): AsyncGenerator<number> {
      for (;;) {
        yield await writer.write('line');
        if (fail) throw new TypeError('no paper');
      }
    },
);

export const counted = inject([Writer], (writer) => (): AsyncIterable<number> => {
  let left = 2;
  const next = async (): Promise<IteratorResult<number>> => {
    await writer.write('line');
    return { value: left, done: (left-- > 0 ? 0 : 1) as unknown as boolean }; // as true, to whoever iterates
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
});

export const untilAborted = inject([Writer], (writer) => async (began: Int32Array, job: JobContext) => {
  await writer.write('long');
  Atomics.store(began, 0, 1);
  while (!job.signal.aborted) await delay(1);
});

export const lent = inject(
  [ResourceCoordinator],
  (coordinator) => () => coordinator.leases().map(({ type, owner }) => `${type} to ${owner}`),
);
