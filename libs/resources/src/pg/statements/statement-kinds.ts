import { LEFT, type Left } from '../left-behind.js';

/** Statements that read or write rows: what they leave, their functions say. */
const QUERIES = words('select with values table insert update delete merge declare copy');

/** Statements that leave nothing once their transaction is over. */
const HARMLESS = words(
  'begin start commit end rollback abort savepoint release show fetch move close lock notify',
);

/** Statements that leave what `DISCARD ALL` undoes. */
const STATEFUL = words('reset listen unlisten prepare deallocate discard');

/** What ends with the transaction that it is set in. */
const LOCAL = words('local transaction constraints');

/** Statements that change the database, or may. */
const CHANGING = words('alter import do');

const TEMPORARY = words('temp temporary');

/** How many tokens at its beginning tell what a statement is. */
export const TELLING = 4;

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** What a statement leaves by its kind alone, whatever functions it calls. @param first its first tokens, in lower case */
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

/** Whether it creates something that comes into the session rather than into the database. */
function isTemporary([verb, second, third, fourth]: readonly string[]): boolean {
  if (verb !== 'create') return false;
  if (second === 'local' || second === 'global') return TEMPORARY.has(third);
  return TEMPORARY.has(second === 'or' ? fourth : second);
}

/** A random seed is set for good by whatever sets it: no reset knows of it. `local.x` is the name of a setting. */
function leftBySet([, second = '', third = '']: readonly string[]): Left {
  const isQualified = third === '.';
  const isLocal = LOCAL.has(second) && !isQualified;
  const setting = isLocal || (second === 'session' && !isQualified) ? third : second;
  if (setting === 'seed') return LEFT.lasting;
  return isLocal ? LEFT.nothing : LEFT.state;
}
