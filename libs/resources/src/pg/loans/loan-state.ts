import { isThenable } from '../../hooks/is-thenable.js';
import type { Loan } from '../../hooks/loan-hooks.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { SessionBeginError } from '../../errors/session-begin-error.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import { tell } from '../../words/warn-of.js';
import type { Company } from '../session/own-statements.js';
import { applicationNameOf, setApplicationName } from './application-name.js';
import { CollectedSettings } from './local-settings.js';
import type { SessionContext, SessionState } from './session-state.js';

/** What loans bring into their sessions. */
export interface LoanSettings {
  /** Whether the server is told the owner's name. */
  readonly named: boolean;
  readonly session: SessionState | undefined;
  /** Where the user's functions run. */
  readonly ground: NeutralGround;
}

/**
 * What one session is to be for its borrower: it knows the loan from its beginning to its end, and nothing of it afterwards. Work that goes on
 * later is nobody's, and gets nothing.
 */
export class LoanState implements Company {
  private loan: Loan | undefined;
  /** Whether the server has been told this loan's name. */
  private isTold = false;
  /** As the server knows it now; undefined while it has not told. */
  private name: string | undefined;
  /** Of the transaction that is open. */
  private context: SessionContext | undefined;

  /** @param key of a keyed type */
  constructor(
    private readonly settings: LoanSettings,
    private readonly key: string,
  ) {}

  began(loan: Loan): void {
    this.loan = loan;
    this.isTold = !this.settings.named;
  }

  ended(): void {
    this.loan = undefined;
    this.isTold = true;
  }

  /** Whether statements are sent besides those of borrowers. */
  get accompanies(): boolean {
    return this.settings.named || this.settings.session !== undefined;
  }

  /** Whose the session is now. */
  get owner(): string | undefined {
    return this.loan?.owner;
  }

  before(): string | undefined {
    if (this.isTold || this.loan === undefined) return undefined;
    this.isTold = true;
    const name = applicationNameOf(this.loan.owner);
    return name === this.name ? undefined : setApplicationName(name);
  }

  told(setting: string, value: string): void {
    if (setting === 'application_name') this.name = value;
  }

  begin(): string | undefined | Promise<string | undefined> {
    const { settings, loan, key } = this;
    const { session, ground } = settings;
    if (session === undefined || loan === undefined) return undefined;
    const { owner, tenant, unit } = loan;
    const context = { owner, tenant, key, kind: unit?.kind ?? '', request: unit?.request };
    const collected = new CollectedSettings();
    const failure = (cause: unknown): Error => new SessionBeginError(owner, cause);
    try {
      const answer = ground.run(() => session.begin(collected, context));
      this.context = context;
      if (!isThenable(answer)) return collected.end();
      return new Promise((resolve, reject) => {
        outcomeOf(answer, {
          resolved: () => resolve(collected.end()),
          rejected: (cause) => reject(failure(cause)),
        });
      });
    } catch (cause) {
      collected.end();
      throw failure(cause);
    }
  }

  over(): void {
    const { context, settings } = this;
    this.context = undefined;
    const { session, ground } = settings;
    if (context !== undefined && session?.end !== undefined)
      ground.run(() => tell(() => session.end?.(context)));
  }
}
