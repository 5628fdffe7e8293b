import { LEFT } from '../left-behind.js';
import { CalledNames } from './called-names.js';
import { leftByCall } from './function-calls.js';
import { InsertTargets } from './insert-targets.js';
import { SqlTokens } from './sql-tokens.js';

/** Words of a function's body with which it may leave something, wherever they stand. */
const SUSPECT = new Set(
  `alter call create deallocate declare discard drop execute hold import listen load pg_settings prepare reset temp temporary
   unlisten`.split(/\s+/),
);

/** What stands before the first word of a statement. */
const STARTS = new Set(['', ';', 'begin', 'then', 'else', 'loop', '>', 'atomic']);

/** What stands before a statement within one, such as that of a loop. */
const INSERT_STARTS = new Set([...STARTS, 'query', 'in']);

/** What else has a parenthesis after it in PL/pgSQL. */
const PROCEDURAL = new Set([
  'if',
  'elsif',
  'elseif',
  'while',
  'return',
  'query',
  'next',
  'perform',
  'raise',
  'exception',
  'assert',
]);

/**
 * Whether the body of a function, in SQL or PL/pgSQL, leaves nothing in the session: no more than its rows, and what sequences tell. What it
 * calls must be `harmless`, or one of the `others`, which are judged by themselves.
 *
 * @returns those of the others that it calls; undefined when it may leave something itself
 */
export function innocentWith(
  body: string,
  isProcedural: boolean,
  harmless: ReadonlySet<string>,
  others: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const needed = new Set<string>();
  const tokens = new SqlTokens(body);
  const calls = new CalledNames();
  const targets = new InsertTargets(INSERT_STARTS);
  while (tokens.next()) {
    const { kind, value } = tokens;
    const { before } = calls;
    if (kind === 'unclear') return undefined;
    if (kind === 'word' || kind === 'quoted') {
      // A block begins with it, too; a cursor does not.
      const declaresVariables = isProcedural && value === 'declare' && kind === 'word';
      if (SUSPECT.has(value) && !declaresVariables) return undefined;
    }
    if (kind === 'word') {
      if (value === 'set' && STARTS.has(before)) return undefined;
      if (value === 'do' && !/^\s*(?:nothing|update)\b/i.test(tokens.rest)) return undefined;
      // Of PL/pgSQL's own INTO, its variables are the target; not of one after what it takes for an INSERT.
      const inserts = before === 'insert' || before === 'merge';
      if (value === 'into' && (inserts || !isProcedural) && !targets.isNext(calls)) return undefined;
    }
    if (kind === 'sign' && value === ';') targets.startOver();
    else targets.read(tokens);
    const called = calls.read(tokens);
    if (called === undefined || (isProcedural && PROCEDURAL.has(called))) continue;
    if (leftByCall(called, harmless, () => tokens.ahead()) <= LEFT.sequences) continue;
    if (!others.has(called)) return undefined;
    needed.add(called);
  }
  return needed;
}

/** Whether a body may take from a sequence. */
export function mayInsert(body: string): boolean {
  const tokens = new SqlTokens(body);
  while (tokens.next()) if (/^(?:insert|merge|copy|default|nextval|setval)$/.test(tokens.value)) return true;
  return false;
}
