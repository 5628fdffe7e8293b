import type { Client } from 'pg';
import { isObject } from '../hooks/is-object.js';

/**
 * What an error of PostgreSQL means for the session: `session`, that it can't be used any more; `transaction`, that only the
 * transaction has failed, if one is open.
 */
export type SqlStateEffect = 'session' | 'transaction';

/**
 * The connection is gone (class 08); the server has ended the session or is about to (57P); it has become a standby, which takes no writes in
 * sessions that were opened before (25006); it does not know a statement that the client believes it does (26000).
 */
const ENDS_SESSION = /^(?:08|57P|25006|26000)/;

/** "read_only_sql_transaction". */
const READ_ONLY = '25006';

/** Answers of that kind in transactions that were asked to read only: they say nothing of any session. */
const asked = new WeakSet<object>();

/** A session that was asked to read only has answered with an error. @returns whether it has refused to write */
export function answersReadOnly(error: object): boolean {
  if (Reflect.get(error, 'code') !== READ_ONLY) return false;
  asked.add(error);
  return true;
}

/** An SQLSTATE, and no code of Node's such as `EPIPE`: those always have a digit. Nor one of Prisma's, such as `P2034`. */
const SQL_STATE = /^(?=.*\d)(?!P[1-9])[\dA-Z]{5}$/;

/** Severities with which the server ends the session, whatever the SQLSTATE. */
const ENDING = new Set<unknown>(['FATAL', 'PANIC']);

/** How deep the causes of an error are looked into: ORMs wrap those of their driver. */
const DEPTH = 4;

/**
 * Classifies an error, or the nearest of its causes, by its SQLSTATE and severity. It may be any value, and throw when it is read.
 *
 * @param client the session that was worked with, as `isFatal` is given it: what it refuses to write in a transaction that was asked to read
 * only does not end it, also where an ORM has thrown a copy of that
 * @returns undefined when there is none
 */
export function sqlStateEffect(error: unknown, client?: Client): SqlStateEffect | undefined {
  const answer = answerOf(error);
  if (answer === undefined) return undefined;
  const { code, severity, routine } = answer;
  const session = client as { readonly hasRefusedWrites?: boolean } | undefined; // if create has made it
  if (code === READ_ONLY && (answer.isAsked || session?.hasRefusedWrites === true)) return 'transaction';
  const ends = ENDS_SESSION.test(code) || ENDING.has(severity) || isStalePlan(code, routine);
  return ends ? 'session' : 'transaction';
}

/** The SQLSTATE of an error, or of the nearest of its causes, if there is one. */
export function sqlStateOf(error: unknown): string | undefined {
  return answerOf(error)?.code;
}

/** The fields of a server's error that matter here. */
interface Answer {
  readonly code: string;
  readonly severity: unknown;
  readonly routine: unknown;
  readonly isAsked: boolean;
}

function answerOf(error: unknown): Answer | undefined {
  try {
    let cause = error;
    for (let depth = 0; depth < DEPTH && isObject(cause); depth++) {
      const code: unknown = Reflect.get(cause, 'originalCode') ?? Reflect.get(cause, 'code');
      if (typeof code === 'string' && SQL_STATE.test(code))
        return {
          code,
          severity: Reflect.get(cause, 'severity'),
          routine: Reflect.get(cause, 'routine'),
          isAsked: asked.has(cause),
        };
      cause = Reflect.get(cause, 'cause') ?? driverErrorOf(cause);
    }
  } catch {
    // An error that can't be read is not the server's.
  }
  return undefined;
}

/** What the driver has thrown, where an ORM keeps it elsewhere than in `cause`: Sequelize; Prisma, whose adapter tells the SQLSTATE as `originalCode`. */
function driverErrorOf(error: object): unknown {
  const meta: unknown = Reflect.get(error, 'meta');
  return isObject(meta) ? Reflect.get(meta, 'driverAdapterError') : Reflect.get(error, 'original');
}

/** "cached plan must not change result type": a named statement fails until the session's end. */
function isStalePlan(code: string, routine: unknown): boolean {
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}
