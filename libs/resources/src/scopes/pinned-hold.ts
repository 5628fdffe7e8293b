import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScopeHold } from './scope-hold.js';

/** Binds code to one hold of its scope: whenever it borrows that type, it gets this hold, and neither another that the scope has nor a new one. */
export interface PinnedHold<Scope = unknown> {
  readonly scope: Scope;
  readonly hold: ScopeHold;
  /** Whether the work for which it was made is over. Code that the work has begun may still run. */
  readonly over: boolean;
  readonly around: PinnedHold<Scope> | undefined;
}

/** What the code now running is bound to: the innermost, which knows the one around it. It is read only in scopes in which something is bound. */
export const pinnedHold = new AsyncLocalStorage<PinnedHold>();

/**
 * The hold that is meant, if the code now running is bound to it in its scope. Work that is over still binds the code that it has left running, as long as
 * work around it goes on: that code must not get into what is around.
 */
export function pinnedIn(scope: unknown, isMeant: (hold: ScopeHold) => boolean): ScopeHold | undefined {
  let left: ScopeHold | undefined;
  for (let pin = pinnedHold.getStore(); pin !== undefined; pin = pin.around) {
    if (pin.scope !== scope || !isMeant(pin.hold)) continue;
    if (!pin.over) return left ?? pin.hold;
    left ??= pin.hold;
  }
  return undefined;
}
