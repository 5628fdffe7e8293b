/** What the measured application does again and again: one statement on a session that is lent for it. */
export abstract class Loans {
  /** In a request: borrows a session, has one statement answered, and gives it back or leaves that to the request's end. */
  abstract inRequest(): Promise<unknown>;

  /** The same outside of requests. */
  alone(): Promise<unknown> {
    return this.inRequest();
  }
}
