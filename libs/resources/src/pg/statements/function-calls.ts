import { LEFT, type Left } from '../left-behind.js';
import type { SqlTokens } from './sql-tokens.js';

const LASTING = /^(?:setseed|dblink.*|pg_replication_origin_session_(?:setup|reset))$/;
const SESSION_LOCK = /^pg_(?:try_)?advisory_(?:lock|unlock)/;

/**
 * What a call of a function leaves.
 *
 * @param name without its schema, in the case in which the server stores it
 * @param harmless names of which every function leaves nothing
 * @param args gives the tokens after its opening parenthesis
 */
export function leftByCall(name: string, harmless: ReadonlySet<string>, args: () => SqlTokens): Left {
  if (harmless.has(name)) return LEFT.nothing;
  if (name === 'nextval' || name === 'setval') return LEFT.sequences;
  if (name === 'set_config') return leftBySetConfig(args());
  if (SESSION_LOCK.test(name)) return LEFT.state;
  return LASTING.test(name) ? LEFT.lasting : LEFT.unknown;
}

/** `set_config('name', value, true)` sets for the transaction only. */
function leftBySetConfig(tokens: SqlTokens): Left {
  const args = argumentsOf(tokens);
  if (args?.length !== 3) return LEFT.unknown;
  const [[name, ...cast], , third] = args;
  if (name?.kind !== 'text' || (cast.length > 0 && cast[0].value !== '::')) return LEFT.unknown;
  if (name.value.toLowerCase() === 'seed') return LEFT.lasting;
  return third.length === 1 && third[0].kind === 'word' && third[0].value === 'true'
    ? LEFT.nothing
    : LEFT.state;
}

type Token = Pick<SqlTokens, 'kind' | 'value'>;

/** The arguments of a call, each as its tokens. @returns undefined if there is no closing parenthesis */
function argumentsOf(tokens: SqlTokens): Token[][] | undefined {
  const args: Token[][] = [[]];
  let depth = 0;
  while (tokens.next()) {
    const { kind, value } = tokens;
    if (kind === 'sign') {
      if (value === ')' && depth-- === 0) return args;
      if (value === '(') depth++;
      if (value === ',' && depth === 0) {
        args.push([]);
        continue;
      }
    }
    args[args.length - 1].push({ kind, value });
  }
  return undefined;
}
