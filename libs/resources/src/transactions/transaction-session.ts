import type {
  TransactionControl,
  TransactionEffect,
  TransactionTerms,
} from '../pool/factory/transaction-control.js';
import type { LeaseScope } from '../scopes/lease-scope.js';
import type { HoldReference, ScopeHold } from '../scopes/scope-hold.js';
import { outcomeOf } from '../hooks/outcome-of.js';
import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { inTime } from './in-time.js';
import { warnOf } from '../words/warn-of.js';

/** What transactions need of their coordinator. */
export interface TransactionGround {
  readonly clock: Clock;
  readonly ground: NeutralGround;
}

/** How long a rollback may take, in milliseconds. After that, the session is destroyed, which rolls back, too. */
const UNDO_LIMIT = 5_000;

/** The session of a transaction and of all that is begun in it. It calls the control as any function of a user's, whose answers can't be trusted. */
export class TransactionSession {
  private savepoints = 0;

  constructor(
    readonly scope: LeaseScope,
    private readonly reference: HoldReference,
    private readonly control: TransactionControl<unknown>,
    private readonly host: TransactionGround,
  ) {}

  get hold(): ScopeHold {
    return this.reference.hold;
  }

  get type(): string {
    return this.hold.type;
  }

  get owner(): string {
    return this.reference.owner;
  }

  get resource(): unknown {
    return this.reference.resource;
  }

  /** Whether its loan is over. Then nothing is sent any more, and open transactions are rolled back. */
  get isLost(): boolean {
    return this.reference.ended;
  }

  get hasSavepoints(): boolean {
    return this.control.savepoint !== undefined;
  }

  nextSavepoint(): string {
    return `nestjs_resources_${++this.savepoints}`;
  }

  begin(terms: TransactionTerms): Promise<void> {
    return this.call((control, resource) => control.begin(resource, terms));
  }

  commit(): Promise<void> {
    return this.call((control, resource) => control.commit(resource));
  }

  rollback(): Promise<boolean> {
    return this.undo((control, resource) => control.rollback(resource));
  }

  savepoint(name: string): Promise<void> {
    return this.call((control, resource) => control.savepoint?.(resource, name));
  }

  release(name: string): Promise<void> {
    return this.call((control, resource) => control.release?.(resource, name));
  }

  rollbackTo(name: string): Promise<boolean> {
    return this.undo((control, resource) => control.rollbackTo?.(resource, name));
  }

  /** Runs what belongs to no unit of work. */
  onGround(work: () => void): void {
    this.host.ground.run(work);
  }

  destroy(cause: unknown): void {
    void this.reference.invalidate(cause); // never rejects
  }

  /** What the control says of an error; `'unknown'` if it can't say. */
  effectOf(error: unknown): TransactionEffect | undefined {
    const { control, host } = this;
    if (control.effectOf === undefined) return 'unknown';
    try {
      return host.ground.run(() => control.effectOf?.(error));
    } catch (failure) {
      warnOf(failure);
      return 'unknown';
    }
  }

  /** Calls the control. @throws what that throws or rejects with; LeaseReleasedError when the loan is over */
  private async call(
    work: (control: TransactionControl<unknown>, resource: unknown) => unknown,
  ): Promise<void> {
    const { control, host, resource } = this;
    await new Promise<void>((resolve, rejected) => {
      host.ground.run(() => outcomeOf(work(control, resource), { resolved: () => resolve(), rejected }));
    });
  }

  /** Calls the control to roll back; if that fails or takes too long, the session is destroyed. @returns whether the session can still be used */
  private async undo(
    work: (control: TransactionControl<unknown>, resource: unknown) => unknown,
  ): Promise<boolean> {
    if (this.isLost) return false;
    const tooLate = (): Error => new Error(`the transaction was not undone within ${UNDO_LIMIT} ms`);
    const undone = (late: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        late.addEventListener('abort', () => reject(late.reason as Error));
        this.call(work).then(resolve, reject);
      });
    try {
      await inTime(this.host.clock, UNDO_LIMIT, tooLate, undone);
      return !this.isLost;
    } catch (error) {
      this.destroy(error);
      return false;
    }
  }
}
