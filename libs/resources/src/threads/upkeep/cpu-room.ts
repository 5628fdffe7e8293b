import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Clock } from '../../time/clock.js';
import { availableCpus } from './available-cpus.js';

/** Milliseconds for which a reading holds: a share of less time says little. */
const SHORTEST = 50;

/** In a millisecond. */
const MICROSECONDS = 1_000;

/** Whose event loops are looked at. */
export interface EventLoop {
  /** As Node's, of a thread. */
  eventLoopUtilization(before?: EventLoopUtilization): EventLoopUtilization;
}

/** Where the CPU of this process is read. */
export interface CpuSource {
  /** CPUs that the process may use: a container's quota can be changed while it runs. */
  cpus(): number;
  /** Milliseconds of CPU that the process has used, all of its threads. */
  used(): number;
}

/** The process itself. */
export const PROCESS_CPU: CpuSource = {
  cpus: () => availableCpus(),
  used: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  },
};

/**
 * Tells for how many more threads there are CPUs, by the utilisation law: the CPUs that were at work are the CPU time used by the time that has
 * passed. It counts what all threads of the process use, those of other pools among them. Where others take the CPUs, on the same machine, a thread that
 * waits for one uses none, and its event loop is still busy; so what is busy counts if that is more.
 *
 * Each look tells of the time since the one before.
 */
export class CpuRoom {
  private at: number;
  private used: number;
  private readonly before = new WeakMap<EventLoop, EventLoopUtilization>();
  private room: number;

  constructor(
    private readonly clock: Clock,
    private readonly source: CpuSource,
  ) {
    this.at = clock.now();
    this.used = source.used();
    this.room = source.cpus();
  }

  /** @param loops of the threads, and of the one that asks @returns CPUs; below 0, so many are missing */
  look(loops: readonly EventLoop[]): number {
    const now = this.clock.now();
    const elapsed = now - this.at;
    if (elapsed < SHORTEST) return this.room;
    const used = this.source.used();
    const busy = loops.reduce((sum, loop) => sum + this.shareOf(loop), 0);
    this.room = this.source.cpus() - Math.max(busy, (used - this.used) / elapsed);
    this.at = now;
    this.used = used;
    return this.room;
  }

  /** The share of the time, from 0 to 1, in which it was busy. */
  private shareOf(loop: EventLoop): number {
    const now = loop.eventLoopUtilization();
    const before = this.before.get(loop);
    this.before.set(loop, now);
    const [idle, active] = [now.idle - (before?.idle ?? 0), now.active - (before?.active ?? 0)];
    return idle + active > 0 ? active / (idle + active) : 0;
  }
}
