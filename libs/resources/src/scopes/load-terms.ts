import type { KeyFunction, LoadOrigin } from '../cache/loads/load-host.js';
import { UndeclaredKeyError } from '../errors/undeclared-key-error.js';
import type { BorrowOptions } from './borrow-options.js';
import type { LeaseTerms } from './lease-terms.js';

/** A scope that a load can keep open. */
export interface KeptScope {
  readonly open: boolean;
  enter(): void;
  leave(): void;
}

/**
 * What a load, and work that it begins, may know of the requests that wait for it: what its entry declares, as it was
 * when the entry was asked for. No function is called that would look at a request.
 */
export class LoadTerms {
  /** Whether the load has settled. What it has made may go on in its context. */
  over = false;
  private readonly declared: LoadOrigin['by'] | undefined;
  private readonly kept = new Set<KeptScope>();

  /** @param place of the entry, for people */
  constructor(
    readonly place: string,
    origin?: LoadOrigin,
  ) {
    this.declared = origin?.by;
  }

  /** The load works with what belongs to a scope: that stays open until the load has settled, whatever becomes of its own work. */
  keep(scope: KeptScope): void {
    if (this.over || !scope.open || this.kept.has(scope)) return;
    this.kept.add(scope);
    scope.enter();
  }

  end(): void {
    this.over = true;
    for (const scope of this.kept) scope.leave();
    this.kept.clear();
  }

  /** What a key function has found; undefined when the entry does not declare it. */
  valueOf(find: KeyFunction): string | undefined {
    return this.declared?.get(find);
  }

  /** The key of a scoped lease. @throws UndeclaredKeyError */
  keyOf(type: string, terms: LeaseTerms | undefined): string | undefined {
    if (terms?.key === undefined) return undefined;
    const key = this.valueOf(terms.key);
    if (key === undefined) throw UndeclaredKeyError.forPooled(type, this.place);
    return key;
  }

  /**
   * The terms of a scoped lease. Who is served first does not affect what is loaded: without a declared tenant, the owner
   * counts, which is the load.
   *
   * @throws UndeclaredKeyError for a key that the entry does not declare
   */
  read(type: string, terms: LeaseTerms | undefined): BorrowOptions | undefined {
    if (terms === undefined) return undefined;
    const { tenant } = terms;
    return { key: this.keyOf(type, terms), tenant: tenant === undefined ? undefined : this.valueOf(tenant) };
  }
}
