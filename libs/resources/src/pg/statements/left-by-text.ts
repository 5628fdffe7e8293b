import { LEFT, type Left, mostOf } from '../left-behind.js';
import { CalledNames } from './called-names.js';
import { leftByCall } from './function-calls.js';
import { InsertTargets } from './insert-targets.js';
import { SqlTokens } from './sql-tokens.js';
import { changesDatabase, leftByKind, TELLING } from './statement-kinds.js';

/** What is known of a database, as far as texts are judged by it. */
export interface KnownNames {
  /** Names that may stand before a parenthesis and leave nothing: functions and syntax. */
  readonly harmless: ReadonlySet<string>;
  /** Whether it has sequences: then a row that is inserted may take from one, by a default. */
  readonly sequences: boolean;
  /** Whether something of its own, such as a trigger, may insert when rows are changed. */
  readonly insertsByItself: boolean;
}

/** What a text may leave in its session. */
export interface TextVerdict {
  readonly left: Left;
  /** Whether it leaves something in any case, and is known to. */
  readonly stateful: boolean;
  /** Whether it may change what the database does by itself. */
  readonly changesDatabase: boolean;
}

/** With DEFAULT, an UPDATE takes from a sequence, too. */
const INSERTING = new Set(['insert', 'merge', 'copy', 'default']);
const CHANGING = new Set(['update', 'delete']);

/**
 * Judges the text of a query by what it calls and is, and errs only in one direction: what it does not know may leave anything. It sees the
 * text alone; of what the database does by itself, such as by triggers, it knows nothing.
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
  /** How the statement begins. */
  private first: string[] = [];
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
    // Whoever updates the view of the settings sets them.
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
    if (this.terminated || kind === 'unclear') this.leaves(LEFT.unknown); // several, or nobody knows how many
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
