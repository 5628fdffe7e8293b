import { setTimeout as delay } from 'node:timers/promises';
import type { PlannedRequest } from '../plan/plan.js';

/** One unit of work, as the test knows it: by what the request itself says, never by the asynchronous context. */
export class Unit {
  /** Its client has hung up, or a time-out has answered: what it still does may find its resources gone. */
  givenUp = false;
  private turn = 0;

  constructor(
    readonly plan: PlannedRequest,
    readonly application: number,
    /** What asked for it, if no request did: a load. */
    readonly label = `${plan.id}/${plan.tenant}`,
  ) {}

  get tenant(): string {
    return this.plan.tenant;
  }

  /** What its answer has to carry. */
  get mark(): string {
    return `<${this.label}>`;
  }

  /** The next pause that the plan has for it. */
  async pause(): Promise<void> {
    const { pauses } = this.plan;
    const length = pauses[this.turn++ % pauses.length] ?? 0;
    if (length === 0) await new Promise((resolve) => setImmediate(resolve));
    else await delay(length);
  }
}
