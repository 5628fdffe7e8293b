import { isThenable } from '../../hooks/is-thenable.js';
import type { Loan } from '../../hooks/loan-hooks.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { SessionBeginError } from '../../errors/session-begin-error.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import { tell } from '../../words/warn-of.js';
import type { StatementSource } from '../session/own-statements.js';
import { applicationNameOf, setApplicationName } from './application-name.js';
import { CollectedSettings } from './local-settings.js';
import type { SessionContext, SessionState } from './session-state.js';

/** What is set in a session for each loan. */
export interface LoanSettings {
  /** Whether the owner is told to the server as `application_name`. */
  readonly named: boolean;
  readonly session: SessionState | undefined;
  /** Where the functions of `session` run. */
  readonly ground: NeutralGround;
}

/**
 * Sets in one session what belongs to its present loan: the owner's name, and in transactions the settings of `session.begin`. It forgets the
 * loan at its end, so that nothing is set for work that goes on afterwards.
 */
export class LoanState implements StatementSource {
  private loan: Loan | undefined;
  /** Whether the server has been told this loan's name. */
  private isTold = false;
  /** The name that the server has now; undefined as long as it has not reported any. */
  private name: string | undefined;
  /** What `session.begin` was given for the open transaction. */
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
  get sendsStatements(): boolean {
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
