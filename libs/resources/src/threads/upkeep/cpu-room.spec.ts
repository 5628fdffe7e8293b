import { describe, expect, it } from '@jest/globals';
import { FACTORY_ROOM } from '../../hooks/factory-stats.js';
import { until } from '../../../../../test/library/http/until.fixture.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { availableCpus } from './available-cpus.js';
import { CpuRoom, type EventLoop } from './cpu-room.js';
import { ProcessorBench, shared, written } from '../processor-bench.fixture.js';

/** A process of four CPUs, of which some are used all the time. */
function processUsing(cpus: () => number): { clock: VirtualClock; room: CpuRoom } {
  const clock = new VirtualClock();
  const start = clock.now();
  let [used, at] = [0, start];
  const read = (): number => {
    used += cpus() * (clock.now() - at);
    at = clock.now();
    return used;
  };
  return { clock, room: new CpuRoom(clock, { cpus: () => 4, used: read }) };
}

/** An event loop that is busy for this share of the time, since a start. */
function loopOf(clock: VirtualClock, share: () => number): EventLoop {
  let [idle, active, at] = [0, 0, clock.now()];
  const eventLoopUtilization: EventLoop['eventLoopUtilization'] = () => {
    const elapsed = clock.now() - at;
    at = clock.now();
    active += share() * elapsed;
    idle += (1 - share()) * elapsed;
    return { idle, active, utilization: active / (idle + active) };
  };
  return { eventLoopUtilization };
}

describe('the room for more threads', () => {
  it('is what the process leaves of its CPUs, since the last look', async () => {
    let using = 0.5;
    const { clock, room } = processUsing(() => using);
    await clock.advance(1_000);
    expect(room.look([])).toBeCloseTo(3.5);
    using = 3.9;
    await clock.advance(1_000);
    expect(room.look([])).toBeCloseTo(0.1);
  });

  it('is less where threads are busy that get no CPU, as others have it', async () => {
    const { clock, room } = processUsing(() => 2);
    let share = 1;
    const loops = Array.from({ length: 6 }, () => loopOf(clock, () => share));
    await clock.advance(1_000);
    expect(room.look(loops)).toBeCloseTo(-2);
    share = 0.25;
    await clock.advance(1_000);
    expect(room.look(loops)).toBeCloseTo(2);
  });

  it('stays what it was for a moment', async () => {
    let using = 1;
    const { clock, room } = processUsing(() => using);
    expect(room.look([])).toBe(4);
    await clock.advance(49);
    expect(room.look([])).toBe(4);
    using = 2;
    await clock.advance(1_000);
    expect(room.look([])).toBeCloseTo(2);
  });

  it('is not lessened by a thread that has just ended, or begun', async () => {
    const { clock, room } = processUsing(() => 0);
    const none = { eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }) };
    await clock.advance(1_000);
    expect(room.look([none])).toBe(4);
  });

  it('is told by a factory of processors', async () => {
    const bench = new ProcessorBench();
    const processor = await bench.make();
    expect(bench.factory[FACTORY_ROOM]()).toBeLessThanOrEqual(availableCpus());
    const [abort, seen] = [new AbortController(), shared()];
    const job = processor.run('busyUntilAborted', seen, { signal: abort.signal }).catch(() => undefined);
    await written(seen);
    await until(() => bench.factory[FACTORY_ROOM]() < availableCpus() - 0.5, 'a CPU less is left');
    abort.abort();
    await job;
  });
});
