import { performance } from 'node:perf_hooks';
import type { ProcessorCrashedError } from '../errors/processors/processor-crashed-error.js';
import { FACTORY_ROOM, FACTORY_STATS } from '../hooks/factory-stats.js';
import type { DestroyContext } from '../hooks/destroyer.js';
import { CreationBreaker } from '../policies/creation/creation-breaker.js';
import type { CreationSettings } from '../pool/creation/creation-options.js';
import type { CreateContext, ResourceFactory } from '../pool/factory/resource-factory.js';
import type { ProcessorStats } from '../reports/processor-stats.js';
import { type Clock, systemClock } from '../time/clock.js';
import { clockOn } from '../time/ground-clock.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { CpuRoom, PROCESS_CPU } from './upkeep/cpu-room.js';
import { JobCounts, type JobEnd } from './jobs/job-counts.js';
import { LoadedThread, type LoadedThreadHost } from './loaded-thread.js';
import type { ProcessorSettings } from './processor-options.js';
import { type ProcessorHost, ThreadProcessor } from './thread-processor.js';
import { Turnover, type TurnoverHost } from './upkeep/turnover.js';

/**
 * Makes the processors of one type. It counts crashes as a pool counts creations that fail, and makes no more threads for a while when they
 * crash again and again: a thread that starts well proves nothing, if the next job ends it.
 */
export class ProcessorFactory implements ResourceFactory<ThreadProcessor>, ProcessorHost, TurnoverHost {
  readonly clock: Clock;
  private readonly crashes: CreationBreaker;
  readonly turnover: Turnover;
  private readonly counts = new JobCounts();
  private readonly cpuRoom: CpuRoom;
  private recyclings = 0;
  private lastCrash: ProcessorCrashedError | undefined;
  /** Of the processors in service: how to tell their pool that they have died, and when they last began something, as the breaker counts. */
  private readonly inService = new Map<ThreadProcessor, { retire: CreateContext['retire']; begun: number }>();

  constructor(
    readonly type: string | undefined,
    private readonly settings: ProcessorSettings,
    { creationBreaker, creationTimeout }: Pick<CreationSettings, 'creationBreaker' | 'creationTimeout'>,
    clock: Clock = systemClock,
  ) {
    this.clock = clockOn(new NeutralGround(), clock);
    this.crashes = new CreationBreaker(creationBreaker);
    this.turnover = new Turnover(this, creationTimeout, settings.toRetire);
    this.cpuRoom = new CpuRoom(this.clock, PROCESS_CPU);
  }

  async create({ signal, retire }: Pick<CreateContext, 'signal' | 'retire'>): Promise<ThreadProcessor> {
    const now = this.clock.now();
    if (this.lastCrash !== undefined && !this.crashes.permits(now)) throw this.lastCrash;
    const begun = this.crashes.begin(now);
    const processor = await ThreadProcessor.make(this, this.settings, signal).catch(
      (error: unknown): never => {
        this.crashes.learntNothing(begun); // what it says, the pool counts
        throw error;
      },
    );
    this.inService.set(processor, { retire, begun });
    return processor;
  }

  load(host: LoadedThreadHost, signal: AbortSignal): Promise<LoadedThread> {
    return LoadedThread.load(host, this.settings, signal);
  }

  /** A loan leaves nothing running. */
  reset(processor: ThreadProcessor): Promise<void> | undefined {
    return processor.loanEnded();
  }

  destroy(processor: ThreadProcessor, { signal }: DestroyContext): Promise<void> {
    return processor.close(signal);
  }

  began(processor: ThreadProcessor): void {
    const known = this.inService.get(processor);
    if (known !== undefined) known.begun = this.crashes.begin(this.clock.now());
  }

  done(end: JobEnd, duration: number, alive: boolean): void {
    this.counts.add(end, duration);
    if (alive) this.crashes.succeeded();
  }

  recycled(): void {
    this.recyclings++;
  }

  [FACTORY_STATS](): ProcessorStats {
    const processors = [...this.inService.keys()];
    return {
      running: processors.reduce((sum, { running }) => sum + running, 0),
      ...this.counts.stats,
      recycled: this.recyclings,
      threads: processors.map(({ stats }) => stats),
    };
  }

  [FACTORY_ROOM](): number {
    const loops = [...this.inService.keys()].map(({ eventLoop }) => eventLoop);
    return this.cpuRoom.look([performance, ...loops.filter((loop) => loop !== undefined)]);
  }

  ended(processor: ThreadProcessor, error: ProcessorCrashedError | undefined, cause: unknown): void {
    const known = this.inService.get(processor);
    this.inService.delete(processor);
    if (known === undefined) return;
    if (error !== undefined) {
      this.lastCrash = error;
      this.crashes.failed(known.begun, this.clock.now());
    }
    known.retire(cause);
  }
}
