import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => void;

/**
 * Removes the listeners that borrowers leave on a client and its connection, and puts back those that they have removed. It costs nothing
 * as long as no listener is added or removed.
 */
export class BorrowersListeners {
  /** Whether listeners were added or removed since the last {@link own} or {@link restore}. */
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

  /** Takes the present listeners for the session's own. */
  own(): void {
    for (const emitter of this.emitters)
      this.ownOnes.set(
        emitter,
        new Map(emitter.eventNames().map((name) => [name, listenersOf(emitter, name)])),
      );
    this.changed = false;
  }

  /** Puts the listeners back as they were at the last {@link own}. */
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
