import { LEFT } from '../left-behind.js';
import { innocentWith, mayInsert } from '../statements/innocent-with.js';
import { leftByText } from '../statements/left-by-text.js';
import type { Catalogue, HiddenExpression, UserFunction } from './catalogue-queries.js';

/**
 * Finds what may leave state in a session although no text of a query shows it: functions that are run by triggers, defaults, operators, policies,
 * views or attribute notation, and expressions that call such functions. Only what is proved to leave nothing is innocent; a function in a language
 * other than SQL and PL/pgSQL is not.
 *
 * @returns the names of what is not innocent, such as `function f` and `view v`
 */
export function hiddenState(catalogue: Catalogue): string[] {
  const innocent = innocentFunctions(catalogue);
  const names = new Set([...catalogue.harmless, ...innocent]);
  return [
    ...catalogue.functions
      .filter((f) => f.route !== null && !(innocent.has(f.name) && keepsToItsRoute(f, catalogue)))
      .map(({ name }) => `function ${name}`),
    ...catalogue.expressions.filter((e) => !isHarmless(e, names, catalogue)).map(({ what }) => what),
  ];
}

/** Names of which every function is innocent. They may call each other: all are taken for innocent, and removed until each calls only innocent ones. */
function innocentFunctions({ functions, harmless }: Catalogue): Set<string> {
  const innocent = new Set(functions.map(({ name }) => name));
  const known = new Set(harmless);
  const others = new Set(innocent);
  const calls = new Map<string, Set<string>>();
  for (const { name, language, shared, body } of functions) {
    const isProcedural = language === 'plpgsql';
    const isReadable = (isProcedural || language === 'sql') && body !== null && !shared;
    const needed = isReadable ? innocentWith(body, isProcedural, known, others) : undefined;
    if (needed === undefined) innocent.delete(name);
    else calls.set(name, new Set([...(calls.get(name) ?? []), ...needed]));
  }
  for (let before = -1; before !== innocent.size;) {
    before = innocent.size;
    for (const name of innocent)
      if ([...(calls.get(name) ?? [])].some((called) => !innocent.has(called))) innocent.delete(name);
  }
  return innocent;
}

/** Whether a function takes values from sequences only where a text shows that rows are written. */
function keepsToItsRoute({ route, body }: UserFunction, { sequences }: Catalogue): boolean {
  return route === 'write' || !sequences || !mayInsert(body ?? '');
}

function isHarmless(
  { route, text }: HiddenExpression,
  harmless: ReadonlySet<string>,
  { sequences }: Catalogue,
): boolean {
  if (route === 'rule' || /pg_settings/i.test(text)) return false;
  const query = /^\s*(?:select|with|values)\b/i.test(text) ? text : `SELECT ${text}`;
  const { left } = leftByText(query, { harmless, sequences, insertsByItself: false });
  return left <= (route === 'write' ? LEFT.sequences : LEFT.nothing);
}
