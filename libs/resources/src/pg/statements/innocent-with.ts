import { LEFT } from '../left-behind.js';
import { CalledNames } from './called-names.js';
import { leftByCall } from './function-calls.js';
import { InsertTargets } from './insert-targets.js';
import { SqlTokens } from './sql-tokens.js';

/** Words that, wherever they stand in the body of a function, mean that it may leave something. */
const SUSPECT = new Set(
  `alter call create deallocate declare discard drop execute hold import listen load pg_settings prepare reset temp temporary
   unlisten`.split(/\s+/),
);

/** The tokens that may stand before the first word of a statement. */
const STARTS = new Set(['', ';', 'begin', 'then', 'else', 'loop', '>', 'atomic']);

/** The tokens that may stand before an INSERT in a body, such as in a loop. */
const INSERT_STARTS = new Set([...STARTS, 'query', 'in']);

/** Keywords of PL/pgSQL that may have a parenthesis after them. */
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
 * Whether the body of a function, in SQL or PL/pgSQL, leaves nothing in the session but the values of sequences. Each function that it calls must
 * be `harmless`, or one of the `others`, which are judged separately.
 *
 * @returns the others that it calls; undefined if it may leave something itself
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
      // In PL/pgSQL, DECLARE begins a block; in SQL, it declares a cursor.
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

/** Whether the body of a function may take values from a sequence. */
export function mayInsert(body: string): boolean {
  const tokens = new SqlTokens(body);
  while (tokens.next()) if (/^(?:insert|merge|copy|default|nextval|setval)$/.test(tokens.value)) return true;
  return false;
}
