import { tell } from '../words/warn-of.js';

/** How a transaction has ended. */
export type TransactionOutcome = 'committed' | 'rolledBack' | 'unknown';

type EndListener = (outcome: TransactionOutcome, cause: unknown) => unknown;

/** Who wants to hear how a transaction ends. */
export class EndListeners {
  private all: EndListener[] = [];

  /** @param host on whose ground they are called */
  constructor(private readonly host: { onGround(work: () => void): void }) {}

  add(listener: EndListener): void {
    this.all.push(listener);
  }

  /** What they listen to has become a part of something else. */
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
