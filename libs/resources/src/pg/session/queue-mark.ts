import type { Connection, Submittable } from 'pg';

/** Hears how far a session's queue has come. */
export interface QueueMarkHost {
  /** All that was given before the mark has been answered. Nothing behind it is sent until {@link QueueMark.pass}. */
  reached(): void;
  /** The server has answered once more after {@link QueueMark.pass}: what is behind the mark is sent now. */
  passed(): void;
  /** The session has failed, or has refused the mark. */
  failed(): void;
}

/** Stands in the queue of a session's statements, and holds up what is behind it. */
export class QueueMark implements Submittable {
  isReached = false;
  private connection: Connection | undefined;

  constructor(private readonly host: QueueMarkHost) {}

  /** Makes one round trip, which changes nothing on the server, and then lets the queue go on. */
  pass(): void {
    this.connection?.sync();
  }

  submit(connection: Connection): void {
    this.connection = connection;
    this.isReached = true;
    this.host.reached();
  }

  handleReadyForQuery(): void {
    this.host.passed();
  }

  handleError(): void {
    this.host.failed();
  }
}
