import type { ExecutionContext } from '@nestjs/common';
import type { KeyFunction } from '../../cache/loads/load-host.js';
import type { LeaseSource, LoanOptions } from '../../scopes/borrow-options.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import type { ScopedLease, ScopeOpener } from '../../scopes/scoped-lease.js';

/** What a decorator asks a pool or a cache for: all that is needed to inject and to check it. */
export interface DeclaredLease {
  /** The decorator as it stands in the source, for messages: `@PooledResource('pg')`. */
  readonly decorator: string;
  readonly source: LeaseSource;
  readonly type: string;
  /** Which of the type's resources, or a function that finds it; undefined for a type that has one pool for all. */
  readonly key: string | KeyFunction | undefined;
  /** Under which the scoped lease that serves all requests is provided. */
  readonly token: string;
  /** What the scope of a handler is asked for. */
  ask(scope: LeaseScope, context: ExecutionContext): LoanOptions | undefined;
  /**
   * The scoped lease that is injected.
   *
   * @param scope for which it is made; default: each time the current one
   * @param key what {@link ask} has found in that scope
   */
  scopedLease(opener: ScopeOpener, scope?: LeaseScope, key?: string): ScopedLease<unknown>;
}
