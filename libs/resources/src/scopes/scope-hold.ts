import { NOTHING_TO_WAIT_FOR } from '../hooks/nothing-to-wait-for.js';
import { describeName } from '../words/describe-name.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import type { Lease } from '../pool/leases/lease.js';
import type { LeaseSource, TryLoanOptions } from './borrow-options.js';

/**
 * What a scope has on loan of one type (and key), or the acquisition that will bring it, and how many hold it: the scoped
 * lease, the leases of single callers, the work of a `use()`. It is given back when the last of them lets go. Once
 * it has ended, it is not used again; the scope takes another.
 */
export class ScopeHold {
  lease: Lease<unknown> | undefined;
  /** Settles with the acquisition in flight. */
  pending: Promise<true> | undefined;
  /** How often the scoped lease has let go of it: a caller that asked for it before that gets nothing. */
  releases = 0;
  private kept = false;
  /** Number of holders. */
  holders = 0;
  /** What work with it has thrown last: judged once, however many hear of it. */
  failure: { readonly error: unknown } | undefined = undefined;
  /** The latest lease of a single caller. */
  top: HoldReference | undefined = undefined;

  readonly source: LeaseSource;
  /** For whom, of a keyed type or of a cache. */
  readonly key: string | undefined;
  /** Whether nobody else in the scope shares it. */
  readonly separate: boolean;

  /** @param all the scope's, among which it stands until it is given back */
  constructor(
    readonly type: string,
    options: TryLoanOptions | undefined,
    private readonly all: ScopeHold[],
  ) {
    this.source = options?.source ?? 'pool';
    this.key = options?.key;
    this.separate = options?.separate === true;
    all.push(this);
  }

  /** What it is a hold of, for people: `pg`, of keyed pools `pg[acme]`. */
  get name(): string {
    const type = describeName(this.type);
    return this.source === 'cache' || this.key === undefined ? type : `${type}[${describeName(this.key)}]`;
  }

  get ended(): boolean {
    return this.lease?.ended === true;
  }

  /** Whether it is what all callers of this type (and key) in the scope share. */
  isShared(source: LeaseSource, type: string, key: string | undefined): boolean {
    return this.type === type && this.key === key && this.source === source && !this.separate;
  }

  /** Whether this resource is the one on loan. */
  lends(resource: unknown): boolean {
    return this.lease !== undefined && !this.lease.ended && this.lease.resource === resource;
  }

  /** The last one gives it back. */
  letGo(): Promise<void> {
    while (this.top?.over === true) this.top = this.top.previous;
    this.holders--;
    if (this.holders > 0 || this.lease === undefined) return NOTHING_TO_WAIT_FOR;
    if (this.all.at(-1) === this) this.all.pop();
    else this.drop();
    return this.lease.release();
  }

  /** The scope has it no more. */
  drop(): void {
    const index = this.all.lastIndexOf(this);
    if (index !== -1) this.all.splice(index, 1);
  }

  /** Makes one holder the scoped lease, which counts as one at most: until the scope's end or {@link release}. */
  keep(): void {
    if (this.kept) void this.letGo();
    this.kept = true;
  }

  /** The scoped lease lets go; of an acquisition in flight, as soon as it is there. */
  async release(): Promise<void> {
    this.releases++;
    await this.pending?.catch(() => undefined); // its callers hear of the failure
    if (!this.kept) return;
    this.kept = false;
    await this.letGo();
  }

  /** Ends it for all holders: what it lends is broken. One in flight, as soon as it is there. */
  async invalidate(reason: unknown): Promise<void> {
    this.releases++;
    await this.pending?.catch(() => undefined); // its callers hear of the failure
    this.drop();
    await this.lease?.invalidate(reason);
  }

  /** The holder that came last: the latest lease, or else the scoped lease. */
  get latest(): { release(): Promise<void> } {
    return this.top ?? this;
  }
}

/**
 * One caller's lease on the resource that its scope has for all callers. It ends once, as every lease
 * does; what the scope has goes back when the last of those who share it has ended, or with the scope.
 * Broken is broken for all: `invalidate` ends it for all who share it.
 */
export class HoldReference implements Lease<unknown> {
  /** Whether its caller has ended it. */
  over = false;

  /** The one taken before it on the same hold. */
  readonly previous: HoldReference | undefined;
  private readonly lease: Lease<unknown>;

  /** @param hold of which this lease is a holder, counted already. @throws LeaseReleasedError when it has ended */
  constructor(
    readonly hold: ScopeHold,
    readonly owner: string,
  ) {
    const { lease, type, top } = hold;
    if (lease === undefined || lease.ended) throw new LeaseReleasedError(type, owner);
    this.lease = lease;
    this.previous = top;
    hold.top = this;
  }

  get ended(): boolean {
    return this.over || this.lease.ended;
  }

  get resource(): unknown {
    if (this.over) throw new LeaseReleasedError(this.hold.type, this.owner);
    return this.lease.resource;
  }

  get age(): number {
    return this.lease.age;
  }

  release(): Promise<void> {
    if (this.over) return NOTHING_TO_WAIT_FOR;
    this.over = true;
    return this.hold.letGo();
  }

  async invalidate(reason?: unknown): Promise<void> {
    if (this.over) return;
    const gone = this.lease.invalidate(reason);
    void this.release(); // the hold has ended: nothing is given back twice
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
