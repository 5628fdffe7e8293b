import { getSystemErrorMap } from 'node:util';
import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import * as errors from '../../errors/index.js';
import { isError } from '../../words/describe-cause.js';
import { isA } from '../../words/is-a.js';

/** Most errors of a chain of causes that are told, a count: it may be a ring. */
const MOST = 5;

/** The engine's errors, and those of the web's interfaces. */
const ENGINE =
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError AbortError TimeoutError DOMException';

/** The names of errors that are known. */
const NAMES = new Set([...Object.keys(errors), ...ENGINE.split(' ')]);

/** Codes of the system. */
const SYSTEM = new Set([...getSystemErrorMap().values()].map(([name]) => name));

/** SQLSTATE: five characters, of which the first two are a class of the standard's or of PostgreSQL's. */
const SQL_STATE = /^(0[0-9ABFLPZ]|10|2[0-8BDF]|3[489BDF]|4[024]|5[34578]|72|F0|HV|P0|XX)[0-9A-Z]{3}$/;

/** Codes of names that don't resolve and of certificates that are refused. */
const OTHERS = new Set([
  'ENOTFOUND',
  'ERR_INVALID_URL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Why a change was not applied, for a history that others read: the names and codes of errors, along their causes, where they are known ones, and
 * the check that a generation has failed.
 * Messages and names from elsewhere may hold a password or an address, and are left out. All of it stands in the report that
 * the caller gets.
 *
 * @returns such as `ResourceCreationError, because of Error 28P01`
 */
export function toldCause(cause: unknown): string {
  const told: string[] = [];
  for (let next = cause; told.length < MOST && next !== undefined; next = read(next, 'cause'))
    told.push(oneOf(next));
  return told.join(', because of ') || 'unknown';
}

function oneOf(error: unknown): string {
  if (!isError(error)) return `no error, but of type ${typeof error}`;
  const [name, code] = [read(error, 'name'), read(error, 'code')];
  const check = checkOf(error);
  if (check !== undefined) return `GenerationRejectedError at ${check}`;
  const known = typeof name === 'string' && NAMES.has(name) ? name : 'Error';
  return typeof code === 'string' && isKnownCode(code) ? `${known} ${code}` : known;
}

function checkOf(error: Error): string | undefined {
  try {
    return isA(error, GenerationRejectedError) ? error.check : undefined;
  } catch {
    return undefined; // a proxy that does not even tell its prototype
  }
}

function isKnownCode(code: string): boolean {
  return SYSTEM.has(code) || SQL_STATE.test(code) || OTHERS.has(code);
}

function read(value: unknown, name: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}
