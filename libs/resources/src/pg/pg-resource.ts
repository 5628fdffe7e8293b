import type { Client } from 'pg';
import type { ResourceDefinition } from '../coordinator/resource-definition.js';
import { LOAN_HOOKS, type LoanHooks } from '../hooks/loan-hooks.js';
import { mergePoolOptions, type PoolOptions } from '../pool/pool-options.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { CancelPlaces } from './cancel/cancel-places.js';
import { type CancelTerms, StatementCancels } from './cancel/statement-cancels.js';
import { connectionOf } from './connection-of.js';
import { Judges } from './judging.js';
import { LoanState } from './loans/loan-state.js';
import { LoanWatch } from './loans/loan-watch.js';
import { ParallelUse } from './loans/parallel-use.js';
import {
  type PgResourceOptions,
  type PgResourceSettings,
  readPgResourceOptions,
} from './pg-resource-options.js';
import type { NativeSession } from './native/native-session.js';
import { endNative, openNative } from './native/open-native.js';
import { resetNative } from './native/reset-native.js';
import {
  resetAll,
  resetBy,
  resetByNeed,
  resetOrEnd,
  type ResetSession,
  resetTransaction,
} from './reset/reset-session.js';
import { endSession, openSession } from './session/open-session.js';
import type { PgSession } from './session/pg-session.js';
import { sqlStateEffect } from './sql-state.js';
import { pgTransactions } from './transactions/pg-transactions.js';

const POOL: PoolOptions = {
  validation: {
    aliveBypass: '1s',
    isFatal: (error, client: Client) => sqlStateEffect(error, client) === 'session',
  },
};

/**
 * A resource type whose resources are PostgreSQL sessions, each a `pg.Client`. A session that dies, idle or on loan, is retired at that moment; the socket of
 * one that nobody waits for any more is closed; after each loan, a session is as it was before, or it is destroyed.
 *
 * @throws InvalidOptionsError when an option can't work
 */
export function pgResource<Secret = unknown>(options: PgResourceOptions<Secret>): ResourceDefinition<Client> {
  const settings = readPgResourceOptions(options as PgResourceOptions); // only the user's function knows the type of the secret
  return {
    ...(settings.native ? nativeSessions(settings) : pgSessions(settings)),
    async validate(client) {
      return (await client.query('SELECT 1')).rowCount === 1;
    },
    transactions: pgTransactions,
    pool: mergePoolOptions(POOL, settings.pool),
  };
}

/** What makes sessions, and brings them back to how they were. */
type Sessions = Pick<ResourceDefinition<Client>, 'create' | 'destroy' | 'reset'>;

function pgSessions(settings: PgResourceSettings): Sessions {
  const judges = new Judges(settings);
  const ground = new NeutralGround();
  const parallel = new ParallelUse();
  const loans = { ...settings, ground };
  const reset = afterCancel(resetOf(settings), settings);
  const terms = cancelTermsOf(settings, ground);
  const sessions: Sessions & { [LOAN_HOOKS]: LoanHooks<Client> } = {
    async create(context) {
      const config = await connectionOf(settings, context);
      const loan = new LoanState(loans, context.key);
      const parts = { judgingOf: (client: Client) => judges.of(client), loan, parallel };
      const session = await openSession(config, context, parts);
      if (terms !== undefined) session.cancels = new StatementCancels(session, terms, config.stream);
      return session;
    },
    destroy: (client, { signal }) => endSession(client as PgSession, signal), // as `create` has made it
    ...(reset !== undefined && { reset: (client: Client) => reset(client as PgSession) }),
    [LOAN_HOOKS]: new LoanWatch(),
  };
  return sessions;
}

function nativeSessions(settings: PgResourceSettings): Sessions {
  const { reset } = settings;
  return {
    create: async (context) => openNative(await connectionOf(settings, context), context),
    destroy: (client) => endNative(client as NativeSession), // they are what create has made
    ...(reset !== 'none' &&
      reset !== 'auto' && { reset: (client: Client) => resetNative(client as NativeSession, reset) }),
  };
}

function resetOf({ reset, behind }: PgResourceSettings): ResetSession | undefined {
  if (typeof reset === 'function') return resetBy(reset);
  if (reset === 'none') return undefined;
  if (reset === 'rollback' || behind === 'pgbouncer-transaction') return resetTransaction;
  if (reset === 'discard') return resetAll;
  return behind === undefined ? resetByNeed : resetOrEnd;
}

function cancelTermsOf(
  { cancel, behind }: PgResourceSettings,
  ground: NeutralGround,
): CancelTerms | undefined {
  if (cancel === undefined) return undefined;
  return { settings: cancel, arrives: behind !== 'rds-proxy', places: new CancelPlaces(), ground };
}

/** Makes a reset wait until no cancel can arrive any more. */
function afterCancel(
  reset: ResetSession | undefined,
  { cancel }: PgResourceSettings,
): ResetSession | undefined {
  if (cancel === undefined) return reset;
  return (session) => {
    const settled = session.cancels?.loanEnded();
    return settled === undefined ? reset?.(session) : settled.then(() => reset?.(session));
  };
}
