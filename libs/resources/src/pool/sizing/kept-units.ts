import type { BudgetClaim } from '../../policies/sizing/budget-policy.js';
import type { BudgetMember, ResourceBudget } from './resource-budget.js';

/** The units of a budget that a reserve keeps: taken at all times, whether its places are used or not, so that they are there when they are needed. */
export class KeptUnits implements BudgetMember {
  private left = false;

  /** @throws InvalidOptionsError when the budget is too small for them, too */
  constructor(
    readonly type: string,
    readonly occupied: number,
    private readonly budget: ResourceBudget | undefined,
  ) {
    budget?.reserve(this, occupied);
  }

  claim(): BudgetClaim {
    return { held: this.occupied, idle: 0, wants: 0, min: this.occupied, since: Infinity };
  }

  makeUp(): void {
    // It has all that it wants.
  }

  cede(): void {
    // It has nothing idle to give.
  }

  /** Gives them back; does nothing the second time. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    this.budget?.leave(this);
  }
}
