import type { LeaseScope } from '../../scopes/lease-scope.js';

const marks = new WeakMap<LeaseScope, boolean>();

/** Says for a scope whether its statements are cancelled when its client hangs up, whatever the resource types say. */
export function markHangUp(scope: LeaseScope, cancels: boolean): void {
  marks.set(scope, cancels);
}

/** Whether a scope's statements are cancelled when its client hangs up. @param byDefault what the resource type says */
export function cancelsOnHangUp(scope: LeaseScope, byDefault: boolean): boolean {
  return marks.get(scope) ?? byDefault;
}
