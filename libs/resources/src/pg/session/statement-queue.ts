import { AsyncResource } from 'node:async_hooks';
import { isObject } from '../../hooks/is-object.js';
import { callbackOf, isGivenUp, isSubmittable } from './statement-of.js';

/** Gives a statement to the client. @param args what was given to `query` @returns what that returns */
export type GiveStatement = (args: readonly unknown[]) => unknown;

/**
 * Gives a client one statement at a time, each when the one before is done: from its version 9 on, pg takes no second one meanwhile. The caller
 * gets its result, error or callback as from the client itself.
 */
export class StatementQueue {
  /** Each gives its statement to the client. @returns false if the client has refused it at once, or nobody wants it any more */
  private readonly waiting: (() => boolean)[] = [];
  /** Whether the client is at work on a statement. */
  private isBusy = false;
  /** Whether that statement has failed: its caller hears of it before the client is done. */
  private hasFailed = false;
  /** Whether the session has ended. */
  private isOver = false;

  /** @param overlaps called when a statement without a callback is given while another one is not done */
  constructor(private readonly overlaps: () => void) {}

  /** Whether the client is done with all that was given. */
  get isIdle(): boolean {
    return !this.isBusy && this.waiting.length === 0;
  }

  /** The server has answered with an error. */
  failed(): void {
    this.hasFailed = true;
  }

  submit(args: readonly unknown[], give: GiveStatement): unknown {
    const [query] = args;
    if (this.isOver || query === null || query === undefined) return give(args);
    if (this.isBusy) return this.wait(args, give);
    if (isGivenUp(query)) return query;
    this.isBusy = true;
    try {
      return give(args);
    } catch (error) {
      this.next();
      throw error;
    }
  }

  /** Called when the client is done with a statement. @returns whether it was given the next one */
  next(): boolean {
    this.isBusy = true;
    this.hasFailed = false;
    for (let give = this.waiting.shift(); give !== undefined; give = this.waiting.shift())
      if (give()) return true;
    this.isBusy = false;
    return false;
  }

  /** Called when the session has ended. What waits is given to the client, which refuses it. */
  end(): void {
    this.isOver = true;
    for (const give of this.waiting.splice(0)) give();
    this.isBusy = false;
  }

  private wait(args: readonly unknown[], give: GiveStatement): unknown {
    const [query] = args;
    const given = [...args];
    const wait = (work: () => boolean): void => void this.waiting.push(AsyncResource.bind(work));
    if (isSubmittable(query) || callbackOf(args) !== undefined) {
      wait(() => {
        if (isGivenUp(query)) return false;
        give(given);
        return true;
      });
      return isSubmittable(query) ? query : undefined;
    }
    if (!this.hasFailed) this.overlaps();
    return new Promise((resolve, reject) => {
      wait(() => {
        try {
          Promise.resolve(give(given)).then(resolve, reject);
          return true;
        } catch (error) {
          reject(error);
          return false;
        }
      });
    }).catch((error: unknown) => {
      if (isObject(error)) Error.captureStackTrace(error); // as pg does, so that it shows who gave the statement
      throw error;
    });
  }
}
