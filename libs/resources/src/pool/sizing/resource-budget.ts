import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { type BudgetClaim, BudgetPolicy } from '../../policies/sizing/budget-policy.js';
import { describeValue } from '../../words/describe-value.js';

/** A pool that lives on a budget; implemented by its share. */
export interface BudgetMember {
  readonly type: string;
  /** Units that it holds: resources in service, being created or being destroyed. A count. */
  readonly occupied: number;
  claim(): BudgetClaim;
  /** Creates what it wants, as far as {@link ResourceBudget.admits} lets it. */
  makeUp(): void;
  /** Retires the least recently used idle resource. */
  cede(): void;
}

/**
 * A number of resources that several pools share, whatever the `max` of each: the sessions that a server allows, the
 * seats of a licence. Give the same budget to all of them:
 * `const budget = new ResourceBudget(20)`, then `quota: { budget }` in each pool's options.
 *
 * A resource takes one unit while it is being created, in service or being destroyed. Units go where callers wait:
 * idle resources of other pools retire for them, the least recently used first, and what comes back to a pool that has
 * more than its fair share retires for one that has less. Each pool's `min` stays its own, and each can
 * have at least one. Which pool gets or gives a unit is the policy's decision (compare commons-pool's
 * `maxTotal` over keys, and sqlx's parent pools).
 */
export class ResourceBudget {
  private readonly members: BudgetMember[] = [];
  private readonly reserved = new Map<BudgetMember, number>();
  private readonly policy: BudgetPolicy;
  private contended = false;
  private settling = false;

  /**
   * @param total units, a count of at least 1
   * @throws InvalidOptionsError for anything else
   */
  constructor(readonly total: number) {
    if (!Number.isInteger(total) || total < 1) {
      throw new InvalidOptionsError(
        'total',
        `must be a whole number of at least 1; got ${describeValue(total)}.`,
      );
    }
    this.policy = new BudgetPolicy(total);
  }

  /** Units taken, a count from 0 to {@link total}. */
  get used(): number {
    return this.members.reduce((used, { occupied }) => used + occupied, 0);
  }

  /**
   * @internal
   * @param min resources that the pool keeps
   * @throws InvalidOptionsError when the budget is too small for all that share it; then nothing has changed
   */
  reserve(member: BudgetMember, min: number): void {
    const others = [...this.reserved].filter(([other]) => other !== member);
    const taken = others.reduce((sum, [, units]) => sum + units, 0);
    const needed = Math.max(1, min);
    if (taken + needed > this.total) {
      const problem = `is too small: its ${this.total} units must cover min, or at least 1, of every pool; "${member.type}" needs ${needed}, the others ${taken}.`;
      throw new InvalidOptionsError('quota.budget', problem, member.type);
    }
    if (!this.reserved.has(member)) this.members.push(member);
    this.reserved.set(member, needed);
  }

  /** @internal A pool has ended, and all its units are back. */
  leave(member: BudgetMember): void {
    this.reserved.delete(member);
    this.members.splice(this.members.indexOf(member), 1);
    this.settle();
  }

  /** @internal Whether the pool may create one more now. If not, it gets its turn. */
  admits(member: BudgetMember): boolean {
    if (this.used < this.total && (!this.contended || this.next() === member)) return true;
    this.contended = true;
    this.settle();
    return false;
  }

  /** @internal Whether a unit is left that nobody asks for. */
  get hasSpare(): boolean {
    return !this.contended && this.used < this.total;
  }

  /** @internal Whether the pool must give a resource that has just come back. */
  isOwed(member: BudgetMember): boolean {
    if (!this.contended) return false;
    const claims = this.claims();
    this.contended = this.policy.next(claims) !== undefined;
    return this.policy.owes(claims, this.members.indexOf(member));
  }

  /** @internal Most resources that the pool can have without any lease being given back. */
  attainable(member: BudgetMember): number {
    return this.policy.attainable(this.claims(), this.members.indexOf(member));
  }

  /**
   * @internal Hands out free units, and asks for idle resources where there are not enough. To be called whenever there may be
   * a unit more than before.
   */
  settle(): void {
    if (!this.contended || this.settling) return;
    this.settling = true;
    for (let before = -1; before < this.used && this.used < this.total;) {
      before = this.used;
      this.next()?.makeUp();
    }
    for (let donor = this.donor(); donor !== undefined; donor = this.donor()) donor.cede();
    this.contended = this.next() !== undefined;
    this.settling = false;
  }

  /** Who gets the next unit. */
  private next(): BudgetMember | undefined {
    return this.member(this.policy.next(this.claims()));
  }

  private donor(): BudgetMember | undefined {
    return this.member(this.policy.donor(this.claims()));
  }

  private member(index: number | undefined): BudgetMember | undefined {
    return index === undefined ? undefined : this.members[index];
  }

  private claims(): BudgetClaim[] {
    return this.members.map((member) => member.claim());
  }
}
