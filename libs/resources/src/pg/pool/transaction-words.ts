import type { Isolation, TransactionTerms } from '../../pool/factory/transaction-control.js';
import { SqlTokens } from '../statements/sql-tokens.js';

/** What a transaction is asked to be. Only some that ask for `DEFERRABLE` get it. */
export interface AskedTerms {
  readonly terms: TransactionTerms;
  readonly isDeferrable: boolean;
}

/** What a text does to the transaction that it is sent in. */
export type Doing =
  /** It begins one, or says (`terms`) what the one that has begun is to be. */
  | ({ readonly kind: 'begin' | 'terms' } & AskedTerms)
  | { readonly kind: 'commit' | 'rollback' }
  /** It begins or ends a transaction in a form that can't be turned into a savepoint. */
  | { readonly kind: 'other' }
  /** It can't run in a transaction. */
  | { readonly kind: 'unfit' }
  | { readonly kind: 'nothing' };

const NOTHING: Doing = { kind: 'nothing' };
const OTHER: Doing = { kind: 'other' };
const UNFIT: Doing = { kind: 'unfit' };

/** How many words of a statement are looked at. */
const TELLING = 64;

const CONTROL = /^(?:begin|start|commit|end|rollback|abort|prepare transaction)\b/;

/** How a text begins that may do any of this. All other texts are sent as they are, unless they hold several statements. */
const MAY_MATTER =
  /^(?:\W|begin|start|commit|end|rollback|abort|set|prepare|vacuum|cluster|reindex|create|drop|alter)/i;

const SEVERAL = /;\s*[^\s;]/;

const UNFIT_FORMS = [
  /^vacuum\b/,
  /^cluster(?: verbose| \( verbose\b[^)]*\))?$/,
  /^(?:create|drop) (?:database|tablespace|subscription)\b/,
  /^alter subscription .* refresh publication\b/,
  /^alter system\b/,
  /^alter database .* set tablespace\b/,
  /^alter table .* detach partition .* concurrently$/,
  /^(?:create|drop)(?: unique)? index concurrently\b/,
  /^reindex\b.*\b(?:concurrently|database|system|schema)\b/,
  /^(?:commit|rollback) prepared\b/,
];

/** Tells what a text does to the transaction in which it is sent. */
export function doingOf(text: string): Doing {
  if (!MAY_MATTER.test(text) && !SEVERAL.test(text)) return NOTHING;
  const statements = withoutBodies(statementsOf(text));
  const [first = ''] = statements;
  if (statements.length > 1) return statements.some(isControl) ? OTHER : NOTHING;
  if (UNFIT_FORMS.some((form) => form.test(first))) return UNFIT;
  if (isControl(first)) return controlOf(first);
  const [, terms, setting, value = ''] =
    /^set (?:local |session )?(?:transaction (.+)|transaction_(isolation|read_only|deferrable) (?:=|to) (.+))$/.exec(
      first,
    ) ?? [];
  if (setting !== undefined) return withTerms('terms', modeOf(setting, value.toLowerCase()));
  return terms === undefined ? NOTHING : withTerms('terms', terms);
}

/** A mode as a setting tells it. */
function modeOf(setting: string, value: string): string {
  if (setting === 'isolation') return `isolation level ${value}`;
  const isOn = ON.test(value);
  if (!isOn && !OFF.test(value)) return value;
  if (setting === 'read_only') return isOn ? 'read only' : 'read write';
  return isOn ? 'deferrable' : 'not deferrable';
}

/** As the server reads a boolean, but for numbers. */
const ON = /^(?:on|t|tr|tru|true|y|ye|yes)$/;
const OFF = /^(?:of|off|f|fa|fal|fals|false|n|no)$/;

/** A function's body in the words of SQL has semicolons of its own. */
function withoutBodies(statements: readonly string[]): readonly string[] {
  let isInside = false;
  return statements.filter((statement) => {
    const isPart = isInside;
    isInside = isInside ? statement !== 'end' : BODY.test(statement);
    return !isPart;
  });
}

/** Not one that is over with it. */
const BODY = /^create\b.*\bbegin atomic\b(?! end$)/;

function isControl(statement: string): boolean {
  return CONTROL.test(statement) && !/^rollback(?: work| transaction)? to\b/.test(statement);
}

function controlOf(statement: string): Doing {
  const [, begins] = /^(?:begin(?: work| transaction)?|start transaction)(?: (.*))?$/.exec(statement) ?? [];
  if (/^(?:begin|start)\b/.test(statement)) return withTerms('begin', begins ?? '');
  const [, verb] =
    /^(commit|end|rollback|abort)(?: work| transaction)?(?: and no chain)?$/.exec(statement) ?? [];
  if (verb === undefined) return OTHER;
  return { kind: verb === 'commit' || verb === 'end' ? 'commit' : 'rollback' };
}

const MODE =
  /^(?:isolation level (serializable|repeatable read|read committed|read uncommitted)|read (only|write)|(?:not )?(deferrable))(?: |$)/;

function withTerms(kind: 'begin' | 'terms', modes: string): Doing {
  let isolation: Isolation | undefined;
  let readOnly: boolean | undefined;
  let isDeferrable = false;
  let rest = modes;
  while (rest !== '') {
    const mode = MODE.exec(rest);
    if (mode === null) return OTHER;
    const [all, level, access, deferrable] = mode;
    if (level !== undefined) isolation = level.toUpperCase() as Isolation; // the expression has those words only
    if (access !== undefined) readOnly = access === 'only';
    if (deferrable !== undefined) isDeferrable = !all.startsWith('not');
    rest = rest.slice(all.length);
  }
  return { kind, terms: { isolation, readOnly }, isDeferrable };
}

/** The statements of a text: of each, the first words in lower case, joined by single blanks, without commas. */
function statementsOf(text: string): string[] {
  const statements: string[][] = [[]];
  const tokens = new SqlTokens(text);
  while (tokens.next()) {
    const words = statements.at(-1) ?? [];
    if (tokens.kind === 'sign' && tokens.value === ';') statements.push([]);
    else if (words.length < TELLING && tokens.value !== ',') words.push(tokens.value || '?');
  }
  return statements.filter(({ length }) => length > 0).map((words) => words.join(' '));
}
