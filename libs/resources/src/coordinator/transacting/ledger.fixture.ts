import type { ResourceDefinition } from '../resource-definition.js';

/** A session of a database that keeps what was committed, one text an entry. */
export class LedgerSession {
  private readonly levels: string[][] = [];

  constructor(private readonly kept: string[]) {}

  get depth(): number {
    return this.levels.length;
  }

  write(text: string): void {
    (this.levels.at(-1) ?? this.kept).push(text);
  }

  begin(): void {
    this.levels.push([]);
  }

  keep(): void {
    const texts = this.levels.pop() ?? [];
    for (const text of texts) this.write(text);
  }

  undo(): void {
    this.levels.pop();
  }
}

/** @param kept gets what is committed */
export function ledger(kept: string[]): ResourceDefinition<LedgerSession> {
  return {
    create: () => new LedgerSession(kept),
    transactions: {
      begin: (session) => session.begin(),
      commit: (session) => session.keep(),
      rollback: (session) => session.undo(),
      savepoint: (session) => session.begin(),
      release: (session) => session.keep(),
      rollbackTo: (session) => session.undo(),
      effectOf: (error) => (error === 'again' ? 'retry' : undefined),
    },
  };
}
