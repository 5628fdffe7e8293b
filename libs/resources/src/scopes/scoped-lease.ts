import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import type { AcquireOptions } from '../pool/acquire-options.js';
import type { LeaseSource, LoanOptions } from './borrow-options.js';
import { currentScope, loadOf, scopeOf } from './current-scope.js';
import { type LeaseTerms, readTerms } from './lease-terms.js';
import type { LeaseScope, ScopeHost } from './lease-scope.js';
import type { LoadTerms } from './load-terms.js';

/** The injected, singleton-safe handle on "my scope's lease of this type". */
export interface ScopedLease<T> {
  /**
   * This scope's resource: taken on first use, the same until the scope ends.
   *
   * @throws NoLeaseScopeError outside of any scope, LeaseReleasedError after the scope's end, and
   * whatever the pool's `acquire` throws
   */
  acquire(options?: AcquireOptions): Promise<T>;
  /**
   * This scope's resource, once acquired; a handler parameter's always is.
   *
   * @throws NoLeaseScopeError before it was taken, LeaseReleasedError after the end
   */
  readonly resource: T;
  /**
   * Runs `work` with the resource and keeps the scope open until it is done, even past the
   * response. Opens a scope of its own if there is none.
   */
  use<R>(work: (resource: T) => R | PromiseLike<R>): Promise<R>;
  /** Gives the resource back early; the next `acquire()` takes one anew. */
  release(): Promise<void>;
  /** Gives the resource back as broken, for everybody in the scope: it is destroyed and never lent again. The next `acquire()` takes one anew. */
  invalidate(reason?: unknown): Promise<void>;
  /**
   * Wraps `fn` so that it runs in this scope, whoever calls it: for callbacks that are called by an object shared between units of work,
   * such as a client with one connection. It does not hold the scope open.
   *
   * @throws NoLeaseScopeError outside of any scope
   */
  bind<F extends (...args: never[]) => unknown>(fn: F): F;
}

/** Opens a scope for work that has none. */
export interface ScopeOpener extends ScopeHost {
  runIn<R>(kind: string, place: string, work: () => R | PromiseLike<R>): Promise<R>;
}

/**
 * The only implementation of {@link ScopedLease}. In a constructor or a property one handle serves
 * all requests and finds the scope through the asynchronous context; a handler parameter's handle is
 * made for its request and knows its scope. It has no `then`, so that it can be injected and awaited.
 */
export class ScopedLeaseProxy<T> implements ScopedLease<T> {
  constructor(
    protected readonly opener: ScopeOpener,
    protected readonly type: string,
    private readonly terms?: LeaseTerms,
    private readonly bound?: LeaseScope,
  ) {}

  acquire(options?: AcquireOptions): Promise<T> {
    try {
      const { scope, source } = this;
      const asked = this.askIn(scope);
      const loan = { ...asked, ...options, key: asked?.key, source };
      return scope.acquire(this.type, loan) as Promise<T>; // the registry knows no types; the decorator's user does
    } catch (error) {
      return Promise.reject(error); // ours, or what a term has thrown
    }
  }

  get resource(): T {
    const { scope } = this;
    return scope.resource(this.source, this.type, this.keyIn(scope)) as T; // see above
  }

  async use<R>(work: (resource: T) => R | PromiseLike<R>): Promise<R> {
    const scope = this.exact ?? scopeOf(this.opener);
    if (scope?.open === true) {
      const asked = this.askIn(scope);
      return await scope.use(this.type, (lease) => work(lease.resource as T), asked); // see above
    }
    const elsewhere = this.elsewhere(scope);
    return this.opener.runIn('use', scope?.place ?? this.type, () => elsewhere.use(work));
  }

  async release(): Promise<void> {
    const { scope } = this;
    if (!scope.ended) await scope.release(this.source, this.type, this.keyIn(scope));
  }

  async invalidate(reason?: unknown): Promise<void> {
    const { scope } = this;
    if (!scope.ended) await scope.invalidate(this.source, this.type, this.keyIn(scope), reason);
  }

  bind<F extends (...args: never[]) => unknown>(fn: F): F {
    const { scope } = this;
    const bound = function (this: unknown, ...args: never[]): unknown {
      return currentScope.runBound(scope, () => fn.apply(this, args));
    };
    return bound as F; // takes and gives the same
  }

  /** What a scope is asked for, besides what the caller adds. */
  protected askIn(scope: LeaseScope): LoanOptions | undefined {
    if (this.terms === undefined) return undefined;
    const { loading } = this;
    if (loading !== undefined) return loading.read(this.type, this.terms);
    if (scope.ended) throw new LeaseReleasedError(this.type, scope.owner); // there is no request to ask any more
    return readTerms(this.terms, scope);
  }

  /** Which of a type's loans in a scope is meant. */
  protected keyIn(scope: LeaseScope): string | undefined {
    if (this.terms?.key === undefined) return undefined;
    const { loading } = this;
    if (loading !== undefined) return loading.keyOf(this.type, this.terms);
    const { kind, owner, request, ended } = scope; // the owner is a text that is made when it is asked for
    if (ended) throw new LeaseReleasedError(this.type, owner); // as above
    return this.terms.key({ kind, owner, request });
  }

  protected noScope(): NoLeaseScopeError {
    return NoLeaseScopeError.forType(this.type);
  }

  protected get source(): LeaseSource {
    return 'pool';
  }

  /** This lease for a scope that is opened because there is none. */
  protected elsewhere(_scope: LeaseScope | undefined): ScopedLeaseProxy<T> {
    return new ScopedLeaseProxy<T>(this.opener, this.type, this.terms);
  }

  /** What a load may know of a request, if the code now running belongs to one, whatever scope the handle is bound to. */
  protected get loading(): LoadTerms | undefined {
    return loadOf(this.opener);
  }

  private get scope(): LeaseScope {
    const scope = this.exact ?? scopeOf(this.opener);
    if (scope === undefined) throw this.noScope();
    return scope;
  }

  /** The scope that it was made for. A load that uses it there keeps that scope open. */
  private get exact(): LeaseScope | undefined {
    const { bound } = this;
    if (bound !== undefined) loadOf(this.opener)?.keep(bound);
    return bound;
  }
}
