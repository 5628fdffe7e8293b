import type { SqlTokens } from './sql-tokens.js';

/** Words after which a name and a parenthesis are no call, but a table or a type with a list. */
const NAMING = new Set(['into', 'as', '::', 'copy', 'with', 'recursive']);

/** Finds the calls in the tokens of a statement: each name before a parenthesis, including keywords. */
export class CalledNames {
  /** The previous token; a quoted identifier with its opening quote, so that it can't be taken for a word. Empty at the beginning. */
  before = '';
  /** The token before that. */
  beforeThat = '';
  /** The token before the name that the previous token ends; the name may have dots. */
  private beforeName = '';
  /** The last part of that name; undefined if the previous token ends no name. */
  private name: string | undefined;

  startOver(): void {
    this.before = this.beforeThat = '';
    this.name = undefined;
  }

  /** Reads the next token. @returns at an opening parenthesis, the name that is called; otherwise undefined */
  read({ kind, value }: SqlTokens): string | undefined {
    const { before, name } = this;
    const isName = kind === 'word' || kind === 'quoted';
    if (isName && before !== '.') this.beforeName = before;
    this.name = isName ? value : undefined;
    this.beforeThat = before;
    this.before = kind === 'word' || kind === 'sign' ? value : `"${value}`;
    return kind === 'sign' && value === '(' && !NAMING.has(this.beforeName) ? name : undefined;
  }
}
