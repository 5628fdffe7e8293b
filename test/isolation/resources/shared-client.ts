/** Calls after which it reconnects: the next call opens it anew, in the context of whoever makes that. */
const CALLS = 6;
/** Turns without a call after which it disconnects. */
const IDLE_TURNS = 20;

/**
 * A client that all requests share, as a session store or a broker's is: one connection, and every callback runs in the
 * asynchronous context of whoever opened it. The hand-written kind, which binds no callback to its caller.
 */
export class SharedClient {
  private connection: Connection | undefined;

  readonly call = (callback: () => void): void => {
    if (this.connection?.open !== true) this.connection = new Connection();
    this.connection.call(callback);
  };
}

class Connection {
  open = true;
  private readonly calls: (() => void)[] = [];
  private left = CALLS;
  private idle = 0;

  constructor() {
    this.next();
  }

  call(callback: () => void): void {
    this.calls.push(callback);
    if (--this.left === 0) this.open = false;
  }

  /** Its timers keep the context in which it was made. */
  private next(): void {
    setTimeout(() => {
      const ready = this.calls.splice(0);
      this.idle = ready.length === 0 ? this.idle + 1 : 0;
      if (this.idle > IDLE_TURNS) this.open = false;
      if (this.open || this.calls.length > 0) this.next();
      for (const callback of ready) callback();
    }, 1);
  }
}
