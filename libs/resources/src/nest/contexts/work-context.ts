import type { ArgumentsHost, Provider, Type } from '@nestjs/common';
import type { LeaseScope } from '../../scopes/lease-scope.js';

/**
 * One kind of work that Nest gives to an application, such as HTTP, as the module and its shutdown see it. How a unit of it
 * opens, is named, is abandoned and ends is its own business.
 */
export interface WorkContext {
  /** Called when all providers are there, and before the application's handlers are. */
  follow(): void;
  /** Whether its units may come from outside, at any time: such as from who sends requests to a server. */
  readonly isServing: boolean;
  /** @param prepare what comes before everything else of an application's end, and is awaited; where Nest says early enough that it comes */
  beforeClosing(prepare: () => Promise<void>): void;
  /** Whether its units are ended by force, at once: then a shutdown does not wait for them. */
  readonly endsByForce: boolean;
  /** From now on, whatever brings its units is asked to bring no more, where it can be asked. */
  startDraining(): void;
  /** Resolves when nobody waits for an answer. */
  answered(): Promise<void>;
  /** Closes what nobody uses from now on, and all that is left at the deadline. @param remaining milliseconds until it */
  closeWithin(remaining: number): void;
  /** Ends all, what comes from now on included. @returns how many answers were not done */
  cutOff(): Promise<number>;
  /** The application has ended: there is nothing to look after. */
  stop(): void;
}

/** The class of a {@link WorkContext}. */
export interface WorkContextClass extends Type<WorkContext> {
  /** What it is constructed with. */
  readonly providers: readonly Provider[];
  /** The scope of the unit that a handler, guard, pipe or interceptor works for, if it is of this kind. */
  scopeOf(host: ArgumentsHost): LeaseScope | undefined;
}
