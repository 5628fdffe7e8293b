import type { Connection } from 'pg';

type Listener = (...args: unknown[]) => void;

/**
 * Who waits for one answer of a session, as pg's cursors do when they are closed, waits for ever once it has ended. So the end is taken for that
 * answer.
 */
export class LastAnswer {
  private isGiven = false;

  constructor(private readonly connection: Connection) {
    connection.on('newListener', (name: string | symbol, listener: Listener) => {
      if (this.isGiven && name === 'readyForQuery') process.nextTick(listener);
    });
  }

  /** The session has ended. */
  give(): void {
    this.isGiven = true;
    const listeners = this.connection.rawListeners('readyForQuery') as Listener[]; // declared as bare functions
    for (const listener of listeners) if ('listener' in listener) listener(); // that was added by once()
  }
}
