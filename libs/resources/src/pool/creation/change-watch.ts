import { isAnswer } from '../../hooks/final-failure.js';
import type { Clock } from '../../time/clock.js';

/** A change of generations under way, as far as creations are concerned. */
export interface ChangeInProgress {
  /** Resources that it would create if the budget had any left, a count. */
  readonly wants: number;
  /** There may be a place that was not there before. */
  look(): void;
  /** One of the factory in force. @returns whether it goes back for that, so that another factory will be tried at once */
  creationFailed(cause: unknown): boolean;
  /** The pool takes no more callers. */
  close(): void;
}

/** The resources of the pool; implemented by its inventory. */
export interface InventoryInChange {
  readonly slots: { readonly inService: number };
  maker(): { readonly factory: object };
}

/** For how long callers are left to what is in service after a creation has failed. Milliseconds. */
const RESPITE = 1_000;

/**
 * Keeps failures of creations from callers while a pool changes its generation: those in service can serve them. Creations of either
 * generation may not work although their resources do, because their credentials have been changed at the server. That ends when the change
 * has succeeded, or, after it went back, when a creation has.
 */
export class ChangeWatch {
  private change: ChangeInProgress | undefined;
  private undecided = false;
  private sparing = false;
  /** Whether another factory is about to be taken on again. */
  goingBack = false;
  /** Until when no creation is tried for callers. */
  private respite = -Infinity;

  constructor(
    private readonly inventory: InventoryInChange,
    private readonly clock: Clock,
  ) {}

  get wants(): number {
    return this.change?.wants ?? 0;
  }

  /** Whether nothing is created for callers now. */
  get holdsBack(): boolean {
    if (!this.sparing) return false;
    return this.goingBack || (this.inventory.slots.inService > 0 && this.clock.now() < this.respite);
  }

  begin(change: ChangeInProgress): void {
    this.change = change;
    this.sparing = this.undecided = true;
  }

  /** @param succeeded whether what creates from now on has proved itself */
  decide(change: ChangeInProgress, succeeded: boolean): void {
    if (this.change !== change) return;
    this.undecided = this.goingBack = false;
    this.sparing = !succeeded;
    this.respite = -Infinity;
  }

  /** Nothing is left of it. */
  forget(change: ChangeInProgress): void {
    if (this.change === change) this.change = undefined;
  }

  /** There may be a place that was not there before. */
  look(): void {
    this.change?.look();
  }

  /** The pool takes no more callers: nothing begins any more. */
  close(): void {
    this.change?.close();
  }

  /** A creation has succeeded. */
  created(): void {
    this.sparing &&= this.undecided;
  }

  /** Whether what this factory does says nothing of what would be tried now: it is not in force any more. */
  isOutdated(factory: object): boolean {
    return factory !== this.inventory.maker().factory;
  }

  /** @param factory that failed @returns whether callers are to hear nothing of it */
  spares(cause: unknown, factory: object): boolean {
    if (isAnswer(cause)) return false;
    if (this.isOutdated(factory)) return true;
    if (!this.sparing) return false;
    this.goingBack ||= this.undecided && this.change?.creationFailed(cause) === true;
    const spares = this.goingBack || this.inventory.slots.inService > 0;
    if (spares) this.respite = this.clock.now() + RESPITE;
    return spares;
  }
}
