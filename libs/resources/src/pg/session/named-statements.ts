import type { Connection } from 'pg';
import { before } from './before-sending.js';

/** Where pg remembers which named statements the server knows, so as not to send them again. */
interface Believed {
  parsedStatements?: Record<string, string>;
  submittedNamedStatements?: Record<string, string>;
}

/**
 * The named statements of a session. pg takes it that the server knows them as long as the session lives. After a `DISCARD ALL`, they would all
 * fail (26000); and pg refuses another text under the name of an earlier borrower's. So this class makes pg forget them.
 */
export class NamedStatements {
  /** The text that was sent under each name. */
  private readonly texts = new Map<string, string>();
  /** Names that pg was made to forget, and the server still knows. */
  private readonly closing = new Set<string>();
  /** Names that the present loan has used. */
  private readonly used = new Set<string>();
  private readonly believed: Believed;

  constructor(connection: Connection) {
    this.believed = connection as Believed; // pg's types don't declare it
    before(connection, 'parse', ({ name, text }) => {
      if (!name) return;
      if (this.closing.delete(name)) connection.close({ type: 'S', name }, true);
      this.texts.set(name, text);
    });
  }

  /** The text that was sent under a name; empty if there was none. */
  sentAs(name: string): string {
    return this.texts.get(name) ?? '';
  }

  /** Called before a borrower uses a name. Where an earlier one has used it for another text, the server is made to forget that first. */
  use(name: string, text: string | undefined): void {
    if (this.used.has(name)) return;
    this.used.add(name);
    const { parsedStatements } = this.believed;
    const former = parsedStatements?.[name];
    if (former === undefined || text === undefined || former === text) return;
    delete parsedStatements?.[name];
    this.closing.add(name);
  }

  /** Called when a loan is over. */
  startOver(): void {
    if (this.used.size > 0) this.used.clear(); // clearing costs the same when it is empty
  }

  /** Called when the server has forgotten all of them. @returns false if pg could not be made to forget them, too */
  forgetAll(): boolean {
    const { parsedStatements, submittedNamedStatements } = this.believed;
    const names = [parsedStatements, submittedNamedStatements];
    for (const known of names) for (const name of Object.keys(known ?? {})) delete known?.[name];
    const canForget = names.every((known) => typeof known === 'object') || this.texts.size === 0;
    this.texts.clear();
    this.closing.clear();
    return canForget;
  }
}
