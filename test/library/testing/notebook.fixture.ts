import type { TransactionControl, TransactionEffect, TransactionTerms } from 'nestjs-resources';

/** An open transaction. */
interface Open {
  readonly terms: TransactionTerms;
  /** What it finds besides its own. */
  readonly found: ReadonlySet<string>;
  written: string[];
  readonly savepoints: { readonly name: string; readonly length: number }[];
  failed: boolean;
}

/** Somebody else has written since a transaction began that must not see it. */
export class Conflict extends Error {}

/** The connection went while a commit was on its way. */
export class ConnectionLost extends Error {}

/** A database in memory: names that are written in it or not. */
export class Notebook {
  kept: ReadonlySet<string> = new Set();

  open(): NotebookSession {
    return new NotebookSession(this);
  }
}

/** A session of one. */
export class NotebookSession {
  transaction: Open | undefined;
  /** Whether the connection is lost at the next commit. */
  loses = false;

  constructor(readonly notebook: Notebook) {}

  write(name: string): void {
    const { transaction } = this;
    if (transaction === undefined) {
      this.notebook.kept = new Set([...this.notebook.kept, name]);
      return;
    }
    if (transaction.failed) throw new Error('a statement has failed before');
    if (transaction.terms.readOnly === true) throw new Error('read only');
    transaction.written.push(name);
  }

  has(name: string): boolean {
    const { transaction, notebook } = this;
    const stable = transaction?.terms.isolation !== undefined;
    const found = stable ? transaction?.found : notebook.kept;
    return [...(found ?? []), ...(transaction?.written ?? [])].includes(name);
  }

  fail(): never {
    if (this.transaction !== undefined) this.transaction.failed = true;
    throw new Error('refused');
  }
}

/** Drives its transactions as they should be. */
export class NotebookControl implements TransactionControl<NotebookSession> {
  begin(session: NotebookSession, terms: TransactionTerms): void {
    if (session.transaction !== undefined) throw new Error('there is one already');
    session.transaction = {
      terms,
      found: session.notebook.kept,
      written: [],
      savepoints: [],
      failed: false,
    };
  }

  commit(session: NotebookSession): void {
    const { terms, found, written, failed } = this.end(session);
    const { notebook } = session;
    if (failed) throw new Error('rolled back, because a statement has failed');
    if (terms.isolation === 'SERIALIZABLE' && found !== notebook.kept)
      throw new Conflict('somebody has written');
    notebook.kept = new Set([...notebook.kept, ...written]);
    if (session.loses) throw new ConnectionLost('gone');
  }

  rollback(session: NotebookSession): void {
    session.transaction = undefined;
  }

  savepoint(session: NotebookSession, name: string): void {
    const { savepoints, written } = this.of(session);
    savepoints.push({ name, length: written.length });
  }

  rollbackTo(session: NotebookSession, name: string): void {
    const transaction = this.of(session);
    transaction.written.length = this.forget(session, name);
    transaction.failed = false;
  }

  release(session: NotebookSession, name: string): void {
    this.forget(session, name);
  }

  effectOf(error: unknown): TransactionEffect | undefined {
    if (error instanceof Conflict) return 'retry';
    return error instanceof ConnectionLost ? 'unknown' : undefined;
  }

  protected of({ transaction }: NotebookSession): Open {
    if (transaction === undefined) throw new Error('there is none');
    return transaction;
  }

  protected end(session: NotebookSession): Open {
    const transaction = this.of(session);
    session.transaction = undefined;
    return transaction;
  }

  /** @returns what had been written at the savepoint, a count */
  protected forget(session: NotebookSession, name: string): number {
    const { savepoints } = this.of(session);
    const at = savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (at === -1) throw new Error(`there is no ${name}`);
    return savepoints.splice(at)[0].length;
  }
}
