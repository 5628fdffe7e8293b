import { LEFT, type Left } from '../left-behind.js';

/** Statements that read or write rows: only the functions that they call may leave something. */
const QUERIES = words('select with values table insert update delete merge declare copy');

/** Statements that leave nothing once their transaction is over. */
const HARMLESS = words(
  'begin start commit end rollback abort savepoint release show fetch move close lock notify',
);

/** Statements that leave what `DISCARD ALL` undoes. */
const STATEFUL = words('reset listen unlisten prepare deallocate discard');

/** Words after SET for what ends with the transaction. */
const LOCAL = words('local transaction constraints');

/** Statements that change the database, or may. */
const CHANGING = words('alter import do');

const TEMPORARY = words('temp temporary');

/** How many tokens from its beginning are needed to tell what a statement is. */
export const TELLING = 4;

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** What a statement leaves by itself, apart from the functions that it calls. @param first its first tokens, in lower case */
export function leftByKind(first: readonly string[]): Left {
  const [verb] = first;
  if (QUERIES.has(verb) || HARMLESS.has(verb)) return LEFT.nothing;
  if (verb === 'set') return leftBySet(first);
  if (verb === 'load') return LEFT.lasting;
  return STATEFUL.has(verb) || isTemporary(first) ? LEFT.state : LEFT.unknown;
}

/** Whether it may change what the database does by itself, such as by a trigger. */
export function changesDatabase(first: readonly string[]): boolean {
  const [verb] = first;
  return CHANGING.has(verb) || (verb === 'create' && !isTemporary(first));
}

/** Whether it creates something temporary, which belongs to the session and not to the database. */
function isTemporary([verb, second, third, fourth]: readonly string[]): boolean {
  if (verb !== 'create') return false;
  if (second === 'local' || second === 'global') return TEMPORARY.has(third);
  return TEMPORARY.has(second === 'or' ? fourth : second);
}

/** What a SET leaves. A random seed is never undone, not even a local one. `local.x` is the name of a setting. */
function leftBySet([, second = '', third = '']: readonly string[]): Left {
  const isQualified = third === '.';
  const isLocal = LOCAL.has(second) && !isQualified;
  const setting = isLocal || (second === 'session' && !isQualified) ? third : second;
  if (setting === 'seed') return LEFT.lasting;
  return isLocal ? LEFT.nothing : LEFT.state;
}
