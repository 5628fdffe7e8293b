import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScopeHold } from './scope-hold.js';

/** Binds the code that runs in it to one hold of its scope: it shares that one, in place of what the scope has for all, or would take anew. */
export interface PinnedHold<Scope = unknown> {
  readonly scope: Scope;
  readonly hold: ScopeHold;
  /** Whether the work that it was made for is over. What that has begun may go on. */
  readonly over: boolean;
  readonly around: PinnedHold<Scope> | undefined;
}

/** What the code now running is bound to, from the inside out. Asked only in a scope in which something is bound. */
export const pinnedHold = new AsyncLocalStorage<PinnedHold>();

/**
 * The hold of a type (and key) to which the code now running is bound in a scope, if it is. Work that is over binds only while what is around
 * it goes on: what it has left running must not get into that.
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
