import { LEFT } from '../left-behind.js';
import { type KnownNames, leftByText, type TextVerdict } from './left-by-text.js';

/** How long a text may be, in characters, to be judged. */
const LONGEST = 16_384;

/** Bounds of one half of the table: the characters of all its texts, and their number. An application has some hundreds of texts. */
const MOST_CHARACTERS = 1_048_576;
const MOST_TEXTS = 1_000;

/** What ends a text before its end, or is sent as something else: the server reads another text. */
const ILL_FORMED = /[\0\p{Surrogate}]/u;

const UNREADABLE: TextVerdict = { left: LEFT.unknown, stateful: false, changesDatabase: true };

/**
 * Remembers what texts were judged to leave, within bounds. It has two halves: when the recent half is full, it becomes the older one, and what was in
 * the older one and not asked for meanwhile is forgotten. So texts that are repeated stay, however many others come.
 */
export class StatementTable {
  private recent = new Map<string, TextVerdict>();
  private older = new Map<string, TextVerdict>();
  private characters = 0;

  constructor(private readonly known: KnownNames) {}

  verdictOn(text: string): TextVerdict {
    const known = this.recent.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST) return UNREADABLE;
    const verdict = this.older.get(text) ?? this.judge(text);
    this.remember(text, verdict);
    return verdict;
  }

  /** Texts that are remembered, a count. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  private judge(text: string): TextVerdict {
    return ILL_FORMED.test(text) ? UNREADABLE : leftByText(text, this.known);
  }

  private remember(text: string, verdict: TextVerdict): void {
    this.characters += text.length;
    if (this.recent.size === MOST_TEXTS || this.characters > MOST_CHARACTERS) {
      this.older = this.recent;
      this.recent = new Map();
      this.characters = text.length;
    }
    this.recent.set(text, verdict);
  }
}
