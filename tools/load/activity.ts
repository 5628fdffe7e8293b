/** What goes on besides the other requests. */
export type Activity = 'no report' | 'in a processor' | 'on the event loop';

/** Tells what went on while a request was under way. */
export class Activities {
  private now: Activity = 'no report';
  private last: Activity = 'no report';
  private lastUntil = 0;

  begin(activity: Activity): void {
    this.now = activity;
  }

  end(): void {
    this.last = this.now;
    this.lastUntil = performance.now();
    this.now = 'no report';
  }

  /** @param begun when the request was sent, as of `performance.now()` */
  since(begun: number): Activity {
    if (this.now !== 'no report' || this.lastUntil < begun) return this.now;
    return this.last;
  }
}
