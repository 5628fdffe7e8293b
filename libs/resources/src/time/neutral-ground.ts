import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context in which all runs that belongs to no unit of work: a factory's hooks, listeners, loads, timers.
 *
 * It exists because a resource, a timer and a value outlive the request that happened to need them. In that request's
 * context they would keep it in memory, and whatever they call later would believe that it works for it. What is
 * run here sees what every AsyncLocalStorage held where the ground was made, also after its awaits; whoever
 * awaits the result keeps its own context. Make it where the application starts: made in a request, it keeps that request.
 */
export class NeutralGround {
  /** One fresh place to stand on; all of them have what the origin has. */
  private readonly Footing: new () => AsyncResource;

  constructor() {
    const origin = new AsyncResource('NeutralGround', { requireManualDestroy: true });
    // Before Node 24 a context is kept in the resource itself: `enterWith` in one hook would reach all that comes later, and
    // what is run inside of a `run` of an AsyncLocalStorage would see that. So each call writes into an heir.
    const Footing = function Footing(): void {} as unknown as new () => AsyncResource; // its prototype is one
    Footing.prototype = origin;
    this.Footing = Footing;
  }

  /** @returns what `work` returns @throws what `work` throws */
  run<R>(work: () => R): R {
    return new this.Footing().runInAsyncScope(work);
  }
}
