import type { PoolOptions } from '../../pool/pool-options.js';
import type { LifecycleEvent } from '../../reports/phase.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CoordinatorOptions } from '../coordinator-options.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import type { ResourceDefinition } from '../resource-definition.js';
import { ONE_TRY } from '../sessions.fixture.js';
import type { StartOptions } from './start-options.js';

export interface Thing {
  readonly type: string;
  readonly id: number;
}

/** Makes things of several types, and writes down what happens to them, in one list. */
export class Landscape {
  readonly clock = new VirtualClock();
  /** `create pg`, `abort pg`, `destroy pg`, in their order. */
  readonly log: string[] = [];
  /** By type, what creation fails with. */
  readonly failures = new Map<string, unknown>();
  /** By type, what creation waits for. */
  readonly gates = new Map<string, Promise<unknown>>();
  readonly alive = new Map<Thing, (cause?: unknown) => void>();
  private made = 0;

  /** A type that keeps one thing from the start, which is tried once at a time. */
  type(name: string, start: StartOptions = {}, pool: PoolOptions = {}): ResourceDefinition<Thing> {
    return {
      ...start,
      create: async ({ signal, retire }) => {
        this.log.push(`create ${name}`);
        signal.addEventListener('abort', () => this.log.push(`abort ${name}`));
        await this.gates.get(name);
        if (this.failures.has(name)) throw this.failures.get(name);
        const thing = { type: name, id: ++this.made };
        this.alive.set(thing, retire);
        return thing;
      },
      destroy: (thing) => {
        this.log.push(`destroy ${name}`);
        if (!this.alive.delete(thing)) throw new Error('destroyed twice');
      },
      pool: { min: 1, creation: ONE_TRY, ...pool },
    };
  }

  /** From now on, all that a type has is dead, and there comes no more. */
  breakDown(name: string, failure: unknown = new Error(`no way to ${name}`)): void {
    this.failures.set(name, failure);
    for (const [thing, retire] of this.alive) if (thing.type === name) retire(failure);
  }

  mend(name: string): void {
    this.failures.delete(name);
  }

  coordinator(options: CoordinatorOptions = {}): ResourceCoordinator {
    return new ResourceCoordinator({ clock: this.clock, drainTimeout: '1s', ...options });
  }
}

/** What is told of a coordinator and its types from now on: `tunnel ready`, and `coordinator ready`. */
export function tellPhases(coordinator: ResourceCoordinator): string[] {
  const told: string[] = [];
  coordinator.lifecycle$.subscribe(({ type = 'coordinator', phase }) => told.push(`${type} ${phase}`));
  return told;
}

/** The events of one type, or of the coordinator, from now on. */
export function eventsOfType(coordinator: ResourceCoordinator, type?: string): LifecycleEvent[] {
  const told: LifecycleEvent[] = [];
  coordinator.lifecycle$.subscribe((event) => event.type === type && told.push(event));
  return told;
}
