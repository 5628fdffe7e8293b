/** What a token is. `unclear` means that a server may read it otherwise than this class does. */
export type TokenKind = 'word' | 'quoted' | 'text' | 'value' | 'sign' | 'unclear' | 'end';

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOLLAR = 0x24;

/**
 * Reads the tokens of a text one after the other, as PostgreSQL's lexer does: comments nest, and strings may be quoted in five ways. Only where
 * tokens begin and end matters here; what is in strings and numbers does not. Where that depends on the server's settings or version, such as
 * a backslash in a plain string, the token is `unclear`, and it ends where it does on a server that nobody has set otherwise, if that is known.
 */
export class SqlTokens {
  kind: TokenKind = 'end';
  /** A word in lower case; the content of a quoted identifier or a plain string; a sign itself. Empty for all other kinds. */
  value = '';
  private at: number;

  constructor(
    private readonly text: string,
    from = 0,
  ) {
    this.at = from;
  }

  /** The text after this token. */
  get rest(): string {
    return this.text.slice(this.at);
  }

  /** A reader of the tokens after this one, which leaves this reader where it is. */
  ahead(): SqlTokens {
    return new SqlTokens(this.text, this.at);
  }

  /** @returns whether there is another token */
  next(): boolean {
    const { text } = this;
    this.value = '';
    if (!this.skipBlanks()) return this.is('unclear');
    const code = text.charCodeAt(this.at);
    if (Number.isNaN(code)) {
      this.kind = 'end';
      return false;
    }
    if (isWordStart(code)) return this.word(code);
    if (code === QUOTE) return this.plainString();
    if (code === DOUBLE_QUOTE) return this.quotedIdentifier();
    if (isDigit(code)) return this.number();
    if (code === DOLLAR) return this.dollar();
    if (code === BACKSLASH || code < 0x20) return this.is('unclear', this.at + 1);
    const length = text.startsWith('::', this.at) ? 2 : 1;
    this.value = text.slice(this.at, this.at + length);
    return this.is('sign', this.at + length);
  }

  private is(kind: TokenKind, end = this.text.length): boolean {
    this.kind = kind;
    this.at = end;
    return true;
  }

  /** @returns false when a comment has no end */
  private skipBlanks(): boolean {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) this.at++;
      else if (code === 0x2d && text.charCodeAt(this.at + 1) === 0x2d) this.at = endOfLine(text, this.at);
      else if (code === 0x2f && text.charCodeAt(this.at + 1) === 0x2a) {
        const end = endOfComment(text, this.at);
        if (end === undefined) return false;
        this.at = end;
      } else return true;
    }
  }

  private word(first: number): boolean {
    const { text } = this;
    const start = this.at;
    let end = start + 1;
    while (isWordPart(text.charCodeAt(end))) end++;
    const after = text.charCodeAt(end);
    if (end === start + 1 && after === QUOTE && 'eEbBxXnN'.includes(text[start])) {
      this.at = end;
      return first === 0x65 || first === 0x45 ? this.escapeString() : this.plainString();
    }
    // An identifier or a string in Unicode escapes.
    if (end === start + 1 && (first === 0x75 || first === 0x55) && after === 0x26) {
      const quote = text.charCodeAt(end + 1);
      if (quote === QUOTE || quote === DOUBLE_QUOTE)
        return this.is('unclear', endOfQuoted(text, end + 1, text[end + 1]));
    }
    this.value = inLowerCase(text.slice(start, end));
    return this.is('word', end);
  }

  private plainString(): boolean {
    const start = this.at + 1;
    const end = endOfQuoted(this.text, this.at, "'");
    if (end === undefined) return this.is('unclear');
    const content = this.text.slice(start, end - 1);
    if (content.includes('\\')) return this.is('unclear', end); // whether it escapes, a setting says
    this.value = content;
    return this.is('text', end);
  }

  private quotedIdentifier(): boolean {
    const start = this.at + 1;
    const end = endOfQuoted(this.text, this.at, '"');
    if (end === undefined) return this.is('unclear');
    this.value = this.text.slice(start, end - 1).replaceAll('""', '"');
    return this.is('quoted', end);
  }

  private escapeString(): boolean {
    const { text } = this;
    for (let at = this.at + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) {
        if (text.charCodeAt(at + 1) !== QUOTE) return this.is('value', at + 1);
        at++;
      }
    }
    return this.is('unclear');
  }

  private number(): boolean {
    NUMBER.lastIndex = this.at;
    const end = this.at + (NUMBER.exec(this.text)?.[0].length ?? 1);
    return isWordStart(this.text.charCodeAt(end)) ? this.is('unclear') : this.is('value', end);
  }

  /** A parameter such as `$1`, or a string quoted by dollars. */
  private dollar(): boolean {
    const { text } = this;
    DOLLARS.lastIndex = this.at;
    const opening = DOLLARS.exec(text)?.[0];
    if (opening !== undefined) {
      const end = text.indexOf(opening, this.at + opening.length);
      return end === -1 ? this.is('unclear') : this.is('value', end + opening.length);
    }
    let end = this.at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    return end === this.at + 1 || isWordStart(text.charCodeAt(end))
      ? this.is('unclear')
      : this.is('value', end);
  }
}

const NUMBER = /0[xX][\da-fA-F_]+|0[oObB][0-7_]+|\d[\d_]*(?:\.(?!\.)[\d_]*)?(?:[eE][+-]?\d+)?/y;
const DOLLARS = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/** Puts only the letters of ASCII into lower case, as the server does. JavaScript makes ASCII letters of some others, such as of the kelvin sign. */
function inLowerCase(word: string): string {
  const lower = word.toLowerCase();
  return ASCII.test(word) ? lower : word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const ASCII = /^[\w$]*$/;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code) || code === DOLLAR;
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) return at;
  }
  return text.length;
}

function endOfComment(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** The index after the closing quote; undefined if there is none. Two quotes in a row stand for one. */
function endOfQuoted(text: string, from: number, quote: string): number | undefined {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf(quote, at);
    if (at === -1) return undefined;
    if (text[at + 1] !== quote) return at + 1;
  }
}
