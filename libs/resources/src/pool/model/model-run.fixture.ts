import { type Scheduler, stringify } from 'fast-check';
import { checkAhead, checkGone, checkRest } from './pool-invariants.fixture.js';
import { PoolModel } from './pool-model.fixture.js';
import type { PoolModelOptions } from './pool-model-options.fixture.js';
import type { Operation } from './pool-operations.fixture.js';

/** Longer than the pool leaves its minimum alone after a failure, and than any deadline or time limit, in milliseconds. */
const LONG = 1_500;

/**
 * Runs operations on a pool while the scheduler decides what ends in between, then lets all be well and brings
 * the pool to its end.
 *
 * @throws Error naming what did not hold
 */
export async function runModel(
  set: PoolModelOptions,
  operations: readonly Operation[],
  scheduler: Scheduler,
): Promise<void> {
  const model = new PoolModel(set, scheduler);
  const { clock, factory, pool } = model;
  const sequence = scheduler.scheduleSequence(
    operations.map((operation) => ({
      label: stringify(operation),
      builder: async () => {
        try {
          await operation.happen(model);
        } catch (error) {
          model.fail(error);
        }
      },
    })),
  );
  const passTime = async (): Promise<void> => {
    for (let times = 0; times < 5; times++) {
      await model.step(() => clock.advance(LONG / 5));
      await scheduler.waitIdle((run) => model.step(run));
    }
  };

  await scheduler.waitFor(sequence.task, (run) => model.step(run));
  factory.healthy = true;
  await model.step(() => pool.resume());
  await passTime();
  checkRest(model);
  checkAhead(model);
  await model.step(() => model.startAnew());
  checkRest(model);
  await model.step(() => model.close(0));
  await passTime();
  checkGone(model);
}
