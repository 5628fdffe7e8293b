import { AsyncResource } from 'node:async_hooks';
import { isObject } from '../../hooks/is-object.js';
import { callbackOf, isGivenUp, isSubmittable } from './statement-of.js';

/** Gives a statement to the client. @param args what was given to `query` @returns what that returns */
export type GiveStatement = (args: readonly unknown[]) => unknown;

/**
 * Gives a client one statement after the other, each when the one before is done: a client takes no second one while it works on one, or will
 * not in its next version. Who gives one hears of it as from the client itself.
 */
export class StatementQueue {
  /** Each tells whether the client has it: not what it has refused at once, nor what nobody wants any more. */
  private readonly waiting: (() => boolean)[] = [];
  private isBusy = false;
  /** Whether what the client has has failed: who gave it knows, before the client is done with it. */
  private hasFailed = false;
  private isOver = false;

  /** @param overlaps is called when a statement is given by promise while another one is not done */
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

  /** The client is done with what it was given last. @returns whether it was given another */
  next(): boolean {
    this.isBusy = true;
    this.hasFailed = false;
    for (let give = this.waiting.shift(); give !== undefined; give = this.waiting.shift())
      if (give()) return true;
    this.isBusy = false;
    return false;
  }

  /** The session has ended: the client refuses what waits, and all that comes. */
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
      if (isObject(error)) Error.captureStackTrace(error); // as pg does: back to who gave the statement
      throw error;
    });
  }
}
