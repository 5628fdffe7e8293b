import type { Connection, Submittable } from 'pg';

/** What a mark tells of the session's queue. */
export interface QueueMarkHost {
  /** All that was given to the session before has been answered; nothing else is sent until {@link QueueMark.pass}. */
  reached(): void;
  /** The server has answered once more after it was passed: what comes next may be sent. */
  passed(): void;
  /** The session has failed, or refuses it. */
  failed(): void;
}

/** Stands in the queue of a session's statements, and holds up what is behind it. */
export class QueueMark implements Submittable {
  isReached = false;
  private connection: Connection | undefined;

  constructor(private readonly host: QueueMarkHost) {}

  /** Makes one round trip to the server, which changes nothing there, and then lets others go on. */
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
