import type { SqlTokens } from './sql-tokens.js';

/** Words after which a name with a parenthesis is a table or a type with a list, and no call. */
const NAMING = new Set(['into', 'as', '::', 'copy', 'with', 'recursive']);

/** Finds what is called among the tokens of a statement: names that a parenthesis follows, keywords among them. */
export class CalledNames {
  /** The token before; a quoted one with its opening quote, so that it is no word. Empty at the beginning. */
  before = '';
  /** The token before that. */
  beforeThat = '';
  /** The token before the name that ended there, which may have dots. */
  private beforeName = '';
  /** The last part of that name; undefined when the token before is not the end of a name. */
  private name: string | undefined;

  startOver(): void {
    this.before = this.beforeThat = '';
    this.name = undefined;
  }

  /** @param tokens at the next token @returns what is called, at its parenthesis */
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
