import type { Connection } from 'pg';
import { before } from './before-sending.js';

/** What pg believes of the statements that it has given names: as long as it does, it does not send them again. */
interface Believed {
  parsedStatements?: Record<string, string>;
  submittedNamedStatements?: Record<string, string>;
}

/**
 * The names that pg has given to statements. It believes that the server knows them as long as the session lives; what `DISCARD ALL` has
 * taken from the server would fail ever after (26000), and another text by a name of an earlier borrower would be refused. So here it is made
 * to forget them.
 */
export class NamedStatements {
  /** What was sent by each name. */
  private readonly texts = new Map<string, string>();
  /** Names that the server still knows, and pg does not. */
  private readonly closing = new Set<string>();
  /** Names that this loan has used. */
  private readonly used = new Set<string>();
  private readonly believed: Believed;

  constructor(connection: Connection) {
    this.believed = connection as Believed; // which pg does not declare
    before(connection, 'parse', ({ name, text }) => {
      if (!name) return;
      if (this.closing.delete(name)) connection.close({ type: 'S', name }, true);
      this.texts.set(name, text);
    });
  }

  /** The text that was sent by that name; empty if there was none. */
  sentAs(name: string): string {
    return this.texts.get(name) ?? '';
  }

  /** A borrower is about to use a name. Where an earlier one has used it for another text, the server is told to forget that first. */
  use(name: string, text: string | undefined): void {
    if (this.used.has(name)) return;
    this.used.add(name);
    const { parsedStatements } = this.believed;
    const former = parsedStatements?.[name];
    if (former === undefined || text === undefined || former === text) return;
    delete parsedStatements?.[name];
    this.closing.add(name);
  }

  /** Another loan begins. */
  startOver(): void {
    if (this.used.size > 0) this.used.clear(); // an empty one takes as long as a full one
  }

  /** The server has forgotten all of them. @returns false when pg could not be made to */
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
