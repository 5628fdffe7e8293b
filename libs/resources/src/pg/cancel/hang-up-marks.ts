import type { LeaseScope } from '../../scopes/lease-scope.js';

const marks = new WeakMap<LeaseScope, boolean>();

/** From now on, what a scope runs is cancelled when its client hangs up, or not, whatever the resource types say. */
export function markHangUp(scope: LeaseScope, cancels: boolean): void {
  marks.set(scope, cancels);
}

/** @param byDefault what the resource type says */
export function cancelsOnHangUp(scope: LeaseScope, byDefault: boolean): boolean {
  return marks.get(scope) ?? byDefault;
}
