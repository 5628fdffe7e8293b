import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => void;

/**
 * Takes off the listeners that borrowers leave on a client and its connection, and puts back those that they have taken off. As long as nobody
 * adds or removes any, it costs nothing.
 */
export class BorrowersListeners {
  /** Whether there may be something to do. */
  changed = false;
  private ownOnes = new Map<EventEmitter, ReadonlyMap<string | symbol, readonly Listener[]>>();

  constructor(private readonly emitters: readonly EventEmitter[]) {
    const noteChange = (): void => {
      this.changed = true;
    };
    for (const emitter of emitters) {
      emitter.on('newListener', noteChange);
      emitter.on('removeListener', noteChange);
    }
  }

  /** Whoever listens now belongs to the session. */
  own(): void {
    for (const emitter of this.emitters)
      this.ownOnes.set(
        emitter,
        new Map(emitter.eventNames().map((name) => [name, listenersOf(emitter, name)])),
      );
    this.changed = false;
  }

  restore(): void {
    if (!this.changed) return;
    for (const [emitter, listeners] of this.ownOnes) {
      for (const name of new Set([...emitter.eventNames(), ...listeners.keys()])) {
        const own = listeners.get(name) ?? [];
        const present = listenersOf(emitter, name);
        if (own.length === present.length && own.every((listener, index) => listener === present[index]))
          continue;
        emitter.removeAllListeners(name);
        for (const listener of own) emitter.on(name, listener);
      }
    }
    this.changed = false;
  }
}

function listenersOf(emitter: EventEmitter, name: string | symbol): Listener[] {
  return emitter.rawListeners(name) as Listener[]; // declared as bare functions
}
