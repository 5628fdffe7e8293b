import { LEFT } from '../left-behind.js';
import { type KnownNames, leftByText, type TextVerdict } from './left-by-text.js';

/** Most characters of a text that is judged. */
const LONGEST = 16_384;

/** Most characters of the texts of one half of the table, and most texts: an application has some hundreds. */
const MOST_CHARACTERS = 1_048_576;
const MOST_TEXTS = 1_000;

/** What ends a text before its end, or is sent as something else: the server reads another text. */
const ILL_FORMED = /[\0\p{Surrogate}]/u;

const UNREADABLE: TextVerdict = { left: LEFT.unknown, stateful: false, changesDatabase: true };

/**
 * Remembers what texts were judged to leave, within bounds: when as many have come as it remembers, those are forgotten that were not asked
 * for since as many came before. So texts that are never repeated cost their judgement, and nothing more.
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
