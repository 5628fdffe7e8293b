import { type LoanHooks, loanHooksOf } from '../../hooks/loan-hooks.js';
import type { RetireReason } from '../../reports/retire-reason.js';
// One thing with the lease, in two files: a lease is alive while its slot names it. So a type points back here.
import type { PoolLease } from '../leases/lease.js';
import type { ResourceFactory } from '../factory/resource-factory.js';

/** `busy`: on loan, or being validated or reset. `held`: abandoned, until it retires. */
export type SlotState = 'idle' | 'busy' | 'held' | 'retired';

/**
 * One place in a pool: a resource, its state, its generation. State is a word here and not
 * membership in collections, because moving an entry between maps on every loan costs more
 * the more resources there are.
 */
export class Slot<T> {
  state: SlotState = 'busy';
  /** The loan that holds it now. */
  lease: PoolLease<T> | undefined = undefined;
  /** Set while on loan when it must not be lent again. */
  retireReason: RetireReason | undefined = undefined;
  /** What lies behind that reason. */
  cause: unknown = undefined;
  /** Where it stands in the table. */
  index = -1;
  /** Its neighbours among the idle ones, or the held ones. */
  previous: Slot<T> | undefined = undefined;
  next: Slot<T> | undefined = undefined;
  uses = 0;
  /** The last sign of life. */
  aliveAt: number;
  /** Since when it is unused, or held. */
  idleSince: number;
  /** How often it had been used when the housekeeper looked last. */
  usesSeen = 0;
  /** Of which generation it is. */
  generation: number;
  /** Its own number from 0 to below 1, so that resources of one age don't all fall due at once. */
  jitterFactor = 0;
  /** When it is too old to be lent. */
  expiresAt = Infinity;
  /** What hears of its loans, if anything does. */
  readonly loans: LoanHooks<T> | undefined;

  /**
   * @param createdAt milliseconds of the pool's clock, as are all times here
   * @param id the resource's number, unique in its pool
   */
  constructor(
    readonly resource: T,
    readonly factory: ResourceFactory<T>,
    generation: number,
    readonly createdAt: number,
    readonly id: number,
  ) {
    this.generation = generation;
    this.loans = loanHooksOf(factory);
    this.aliveAt = createdAt;
    this.idleSince = createdAt;
  }
}
