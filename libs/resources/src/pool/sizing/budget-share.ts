import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { BudgetClaim } from '../../policies/sizing/budget-policy.js';
import type { QuotaSettings } from '../queue/quota-options.js';
import type { BudgetMember, ResourceBudget } from './resource-budget.js';
import type { SizingSettings } from './sizing-options.js';

/** What a share goes by. */
export type ShareSettings = Pick<QuotaSettings, 'budget'> & Pick<SizingSettings, 'minimum'>;

/** What a share asks of its pool; implemented by the replenisher. */
export interface ShareHost extends Pick<BudgetMember, 'type' | 'occupied' | 'makeUp'> {
  readonly inventory: Pick<BudgetMember, 'cede'>;
  claim(): Omit<BudgetClaim, 'min'>;
}

/** A pool's side of the budget that it lives on, if it does: asks it, and answers it. Without one, all is allowed. */
export class BudgetShare implements BudgetMember {
  /** None when the pool lives on its own. */
  readonly budget: ResourceBudget | undefined;
  private min = 0;

  /** @throws InvalidOptionsError when the budget is too small for one pool more */
  constructor(
    private readonly host: ShareHost,
    settings: ShareSettings,
  ) {
    this.budget = settings.budget;
    this.reserve(settings);
  }

  get type(): string {
    return this.host.type;
  }

  get occupied(): number {
    return this.host.occupied;
  }

  /** @throws InvalidOptionsError when the pool can't live on its budget with these settings; then nothing has changed */
  reserve({ budget, minimum }: ShareSettings): void {
    const { min } = minimum;
    if (budget !== this.budget) {
      throw new InvalidOptionsError('quota.budget', "can't be changed while the pool exists.", this.type);
    }
    budget?.reserve(this, min);
    this.min = min;
  }

  /** Whether the pool may create one more now. */
  get admits(): boolean {
    return this.budget === undefined || this.budget.admits(this);
  }

  /** Whether there is one that no pool asks for. */
  get hasSpare(): boolean {
    return this.budget === undefined || this.budget.hasSpare;
  }

  /** Whether the pool must give a resource that has just come back. */
  get owes(): boolean {
    return this.budget !== undefined && this.budget.isOwed(this);
  }

  /** Most resources that the pool can have without anybody's giving back a lease. */
  get attainable(): number {
    return this.budget === undefined ? Infinity : this.budget.attainable(this);
  }

  /** There may be a unit more than before. */
  settle(): void {
    this.budget?.settle();
  }

  leave(): void {
    this.budget?.leave(this);
  }

  claim(): BudgetClaim {
    return { ...this.host.claim(), min: this.min };
  }

  makeUp(): void {
    this.host.makeUp();
  }

  cede(): void {
    this.host.inventory.cede();
  }
}
