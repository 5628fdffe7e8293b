import { tell } from '../words/warn-of.js';

/** How a transaction has ended. */
export type TransactionOutcome = 'committed' | 'rolledBack' | 'unknown';

type EndListener = (outcome: TransactionOutcome, cause: unknown) => unknown;

/** Those who are told how a transaction has ended. */
export class EndListeners {
  private all: EndListener[] = [];

  /** @param host runs what belongs to no unit of work */
  constructor(private readonly host: { onGround(work: () => void): void }) {}

  add(listener: EndListener): void {
    this.all.push(listener);
  }

  /** The transaction has become a part of another one, whose end it shares. */
  moveTo(others: EndListeners): void {
    others.all.push(...this.all);
    this.all = [];
  }

  tell(outcome: TransactionOutcome, cause: unknown): void {
    const { all, host } = this;
    this.all = [];
    for (const listener of all) host.onGround(() => tell(() => listener(outcome, cause)));
  }
}
