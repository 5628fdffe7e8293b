import { LEFT, type Left, mostOf } from '../left-behind.js';
import { CalledNames } from './called-names.js';
import { leftByCall } from './function-calls.js';
import { InsertTargets } from './insert-targets.js';
import { SqlTokens } from './sql-tokens.js';
import { changesDatabase, leftByKind, TELLING } from './statement-kinds.js';

/** What is known of a database and needed to judge texts. */
export interface KnownNames {
  /** Names that leave nothing when they stand before a parenthesis: functions and keywords. */
  readonly harmless: ReadonlySet<string>;
  /** Whether it has sequences: then an inserted row may take a value from one, by a column's default. */
  readonly sequences: boolean;
  /** Whether an UPDATE or DELETE may insert rows elsewhere, such as by a trigger. */
  readonly insertsByItself: boolean;
}

/** What a text may leave in its session. */
export interface TextVerdict {
  readonly left: Left;
  /** Whether it is certain to leave something. */
  readonly stateful: boolean;
  /** Whether it may change what the database does by itself, such as by a new trigger. */
  readonly changesDatabase: boolean;
}

/** With DEFAULT, an UPDATE takes from a sequence, too. */
const INSERTING = new Set(['insert', 'merge', 'copy', 'default']);
const CHANGING = new Set(['update', 'delete']);

/**
 * Judges a text by its statement and by the functions that it calls. It errs on the safe side: what it does not know may leave anything. It judges
 * the text alone, and not what the database does by itself, such as by triggers.
 */
export function leftByText(text: string, known: KnownNames): TextVerdict {
  const reading = new Reading(text, known);
  const left = reading.read();
  return { left, stateful: reading.stateful, changesDatabase: reading.changesDatabase };
}

/** One reading of one text, from its first token to its last. */
class Reading {
  changesDatabase = false;
  stateful = false;
  private readonly tokens: SqlTokens;
  private readonly calls = new CalledNames();
  private readonly targets = new InsertTargets();
  private left: Left = LEFT.nothing;
  /** The first tokens of the present statement. */
  private first: string[] = [];
  /** Whether a statement has ended: anything that follows makes it several statements. */
  private terminated = false;
  private writes: 'no' | 'changes' | 'inserts' = 'no';
  private namesSettings = false;

  constructor(
    text: string,
    private readonly known: KnownNames,
  ) {
    this.tokens = new SqlTokens(text);
  }

  read(): Left {
    const { tokens } = this;
    while (tokens.next()) {
      if (tokens.kind === 'sign' && tokens.value === ';') this.endStatement();
      else this.token();
    }
    this.endStatement();
    const { known, writes } = this;
    // An UPDATE of the view pg_settings sets them.
    if (this.namesSettings && writes !== 'no') this.leaves(LEFT.unknown);
    if (known.sequences && (writes === 'inserts' || (writes === 'changes' && known.insertsByItself)))
      this.leaves(LEFT.sequences);
    return this.left;
  }

  private leaves(left: Left): void {
    this.left = mostOf(this.left, left);
    this.stateful ||= left === LEFT.state || left === LEFT.lasting;
  }

  private endStatement(): void {
    const { first } = this;
    if (first.length > 0) {
      this.leaves(leftByKind(first));
      this.changesDatabase ||= changesDatabase(first);
    }
    this.first = [];
    this.terminated = true;
    this.calls.startOver();
    this.targets.startOver();
  }

  private token(): void {
    const { tokens, first, calls } = this;
    const { kind, value } = tokens;
    if (this.terminated || kind === 'unclear') this.leaves(LEFT.unknown); // several statements, or an unknown number of them
    this.targets.read(tokens);
    if (kind === 'word') this.word(value);
    if (value === 'pg_settings' && (kind === 'word' || kind === 'quoted')) this.namesSettings = true;
    if (first.length < TELLING && (first.length > 0 || kind !== 'sign')) first.push(value.toLowerCase());
    const called = calls.read(tokens);
    if (called !== undefined) this.leaves(leftByCall(called, this.known.harmless, () => tokens.ahead()));
  }

  private word(word: string): void {
    const { first } = this;
    const { before } = this.calls;
    if (word === 'into' && !this.targets.isNext(this.calls)) this.leaves(LEFT.unknown);
    if (word === 'hold' && first[0] === 'declare') this.leaves(LEFT.state);
    if (INSERTING.has(word)) this.writes = 'inserts';
    else if (CHANGING.has(word) && before !== 'for' && before !== 'key' && this.writes === 'no')
      this.writes = 'changes';
  }
}
