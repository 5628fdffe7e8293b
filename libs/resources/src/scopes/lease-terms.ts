import type { BorrowOptions } from './borrow-options.js';

/** The work for which a lease is acquired. */
export interface LeaseContext<Request = unknown> {
  /** Of the scope: `http`, `run`, `use`. */
  readonly kind: string;
  /** Who will hold it: `OrdersController.find (http)`. */
  readonly owner: string;
  /** Over HTTP, the framework's request; otherwise undefined. */
  readonly request: Request;
}

/** For whom a scoped lease is. Each function is called whenever the lease is used, in the scope that uses it. */
export interface LeaseTerms {
  /** For a type with `keyed`: finds the key. */
  key?(this: void, context: LeaseContext): string;
  /** Finds what `quota.max` and the fair order of the queue count. Default: the owner. */
  tenant?(this: void, context: LeaseContext): string;
  /** With `queue.order: 'priority'`, finds a whole number from 0 to 9: higher is served first. Default 0. */
  priority?(this: void, context: LeaseContext): number;
}

/** What an acquisition is told of the terms. @returns `undefined` when there are none */
export function readTerms(
  terms: LeaseTerms | undefined,
  { kind, owner, request }: LeaseContext,
): BorrowOptions | undefined {
  if (terms === undefined) return undefined;
  const context = { kind, owner, request };
  return {
    key: terms.key?.(context),
    tenant: terms.tenant?.(context),
    priority: terms.priority?.(context),
  };
}
