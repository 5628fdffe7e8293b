import type { CalledNames } from './called-names.js';
import type { SqlTokens } from './sql-tokens.js';

/** What stands before the first word of a statement, or of one in parentheses. */
const STARTS: ReadonlySet<string> = new Set(['', '(']);

/**
 * Tells the INTO of `INSERT INTO` and `MERGE INTO` from that which creates a table: `insert` and `merge` may also be names, as in
 * `SELECT 1 AS insert INTO TEMP t`.
 */
export class InsertTargets {
  private depth = 0;
  private selects = false;

  /** @param starts what stands before a statement besides the beginning and a parenthesis */
  constructor(private readonly starts: ReadonlySet<string> = STARTS) {}

  startOver(): void {
    this.depth = 0;
    this.selects = false;
  }

  /** @param tokens at each token of the statement */
  read({ kind, value }: SqlTokens): void {
    if (kind === 'sign') {
      if (value === '(') this.depth++;
      else if (value === ')') this.depth--;
    } else if (kind === 'word' && value === 'select' && this.depth === 0) this.selects = true;
  }

  /** @param calls at an INTO @returns whether rows are inserted into what comes next */
  isNext({ before, beforeThat }: CalledNames): boolean {
    if (before !== 'insert' && before !== 'merge') return false;
    if (STARTS.has(beforeThat) || this.starts.has(beforeThat)) return true;
    return beforeThat === ')' && this.depth === 0 && !this.selects; // after the WITH of the statement
  }
}
