import type { ClientConfig } from 'pg';
import { checkOptions, isGroup, OptionReader } from '../options/option-reader.js';
import { describeValue } from '../words/describe-value.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { Duration } from '../time/duration.js';
import { type CancelOptions, type CancelSettings, readCancelOptions } from './cancel/cancel-options.js';
import { readSessionState, type SessionState } from './loans/session-state.js';
import { hasNative } from './native/open-native.js';
import type { ResetFunction } from './reset/reset-session.js';

/** What a connection string says, or the driver's own options. */
export type PgConnection = string | ClientConfig;

/** How sessions are opened and reset. @typeParam Secret what `pool.credentials.secret` brings */
export interface PgResourceOptions<Secret = unknown> {
  /**
   * Where to connect to, and how: a connection string, the driver's options, or a function that returns either, at once or later. The function is called for each
   * session, and given the `key` of a keyed type. What `pool.credentials.secret` brings is put over it: a text as the password, an object as options, of
   * which a connection string takes `user` and `password`. A function is given it as `secret`, and has to use it itself.
   */
  connection:
    | PgConnection
    | ((
        context: Pick<CreateContext<Secret>, 'key' | 'secret' | 'signal'>,
      ) => PgConnection | PromiseLike<PgConnection>);
  /**
   * How a session is brought back to how it was before a loan. Each way but `'none'` first waits until nothing is in flight, within
   * `pool.validation.timeout`. `'auto'`, `'discard'` and `'rollback'` end an open transaction.
   *
   * - `'auto'`: what was left behind is undone, and where nothing was, nothing is sent.
   * - `'discard'`: `DISCARD ALL` after each loan.
   * - `'rollback'`: nothing else is undone; settings, subscriptions and locks reach the next borrower.
   * - `'none'`: nothing at all, not even waiting.
   * - a function that does all of it: it is given the session when nothing is in flight, and must leave no transaction open.
   *
   * Default `'auto'`.
   */
  reset?: 'auto' | 'discard' | 'rollback' | 'none' | ResetFunction;
  /**
   * The proxy between here and the server, if it shares the server's sessions among clients: `'pgbouncer-transaction'`, where statements that would leave
   * something in their session are refused; `'rds-proxy'`, where a session in which something was left is ended, because only that frees what the proxy has
   * pinned to it. Not with `reset: 'discard'`. Default: no such proxy.
   */
  behind?: 'pgbouncer-transaction' | 'rds-proxy';
  /**
   * When statements that nobody waits for any more are cancelled on the server: at the end of the session, such as by `maxLeaseTime` or a shutdown; when a signal
   * is aborted that was given to `cancelOn()`; and where it is asked for, when the client hangs up. `false` for never. Default: the defaults of its options.
   */
  cancel?: false | CancelOptions;
  /**
   * Whether the server itself ends what takes longer than a lease may last: `pool.maxLeaseTime` becomes the session's `statement_timeout` and
   * `idle_in_transaction_session_timeout`, unless the connection has its own. Needs a `maxLeaseTime` of at most 24 days. Default false.
   */
  serverTimeouts?: boolean;
  /**
   * What the server shows as `application_name`: with `'owner'`, who holds the lease, sent along with the first statement of a loan. Not behind
   * `'rds-proxy'`, where that would pin the session. Default: what the connection says.
   */
  applicationName?: 'owner';
  /**
   * Whether sessions are those of libpq, by the package `pg-native`. What they send can't be looked into: `reset` must be given, and not as `'auto'`;
   * `behind`, `cancel`, `serverTimeouts`, `applicationName` and `session` can't be given, and `pgPool()` doesn't lend them. Default false.
   */
  native?: boolean;
  /** What is set in each transaction of a loan, such as the tenant for row-level security. Not with `reset: 'none'`. Default: nothing. */
  session?: SessionState;
  /** Options of the type's pool. They are put over `validation: { aliveBypass: '1s', isFatal }`, with an `isFatal` that is true of errors which end a session. */
  pool?: PoolOptions;
}

export type ResetName = Extract<PgResourceOptions['reset'], string>;
export type Behind = NonNullable<PgResourceOptions['behind']>;

const OPTIONS = [
  'connection',
  'reset',
  'behind',
  'cancel',
  'serverTimeouts',
  'applicationName',
  'native',
  'session',
  'pool',
];
/** What needs a connection that can be looked into. */
const NOT_NATIVE = ['behind', 'cancel', 'serverTimeouts', 'applicationName', 'session'] as const;
const APPLICATION_NAMES = ['owner'] as const;
const RESETS = ['auto', 'discard', 'rollback', 'none'] as const satisfies ResetName[];
const PROXIES = ['pgbouncer-transaction', 'rds-proxy'] as const satisfies Behind[];

/** {@link PgResourceOptions} read. */
export interface PgResourceSettings {
  readonly connection: PgResourceOptions['connection'];
  readonly reset: ResetName | ResetFunction;
  readonly behind: Behind | undefined;
  /** undefined where nothing is cancelled. */
  readonly cancel: CancelSettings | undefined;
  /** Milliseconds, at least 1; undefined for none. */
  readonly serverTimeout: number | undefined;
  readonly native: boolean;
  /** Whether the server is told who holds a lease. */
  readonly named: boolean;
  readonly session: SessionState | undefined;
  readonly pool: PoolOptions;
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readPgResourceOptions(given: PgResourceOptions): PgResourceSettings {
  const read = new OptionReader('pgResource');
  const options = read.group('', given, OPTIONS);
  const { reset, applicationName, session, pool = {} } = options;
  const behind =
    options.behind === undefined ? undefined : read.oneOf('behind', options.behind, PROXIES, PROXIES[0]);
  if (behind !== undefined && reset === 'discard')
    read.fail(
      'reset',
      `must not be "discard" behind "${behind}": use "auto", which knows what is right there.`,
    );
  const named =
    applicationName !== undefined &&
    read.oneOf('applicationName', applicationName, APPLICATION_NAMES, 'owner') === 'owner';
  if (named && behind === 'rds-proxy')
    read.fail('applicationName', 'must not be given behind "rds-proxy": it would pin each session.');
  if (session !== undefined && reset === 'none')
    read.fail('session', `needs a reset: with "none", an open transaction would be the next borrower's.`);
  checkOptions(pool, 'pgResource.pool');
  const native = read.flag('native', options.native, false);
  if (native) checkNative(read, options);
  const asksServer = read.flag('serverTimeouts', options.serverTimeouts, false);
  return {
    connection: readConnection(read, options.connection),
    reset: typeof reset === 'function' ? reset : read.oneOf('reset', reset, RESETS, 'auto'),
    behind,
    cancel: readCancelOptions(read, native ? false : options.cancel),
    native,
    named,
    session: session === undefined ? undefined : readSessionState(read, session),
    serverTimeout: asksServer ? readServerTimeout(read, pool.maxLeaseTime) : undefined,
    pool,
  };
}

function checkNative(read: OptionReader, options: Partial<PgResourceOptions>): void {
  if (!hasNative()) read.fail('native', 'needs the package "pg-native", which is not installed.');
  const { reset } = options;
  if (reset === undefined || reset === 'auto')
    read.fail('reset', 'must not be "auto" with "native", where nobody sees what is sent: use "discard".');
  for (const name of NOT_NATIVE)
    if (options[name] !== undefined && options[name] !== false)
      read.fail(name, 'needs a connection of pg itself: leave it out, or leave out "native".');
}

/** The longest time that a setting of PostgreSQL can have, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

function readServerTimeout(read: OptionReader, maxLeaseTime: Duration = Infinity): number {
  const limit = read.span('pool.maxLeaseTime', maxLeaseTime, Infinity);
  if (limit > LONGEST)
    read.fail(
      'serverTimeouts',
      'needs "pool.maxLeaseTime", a time of at most 24 days: that is what the server is told.',
    );
  return Math.ceil(limit);
}

function readConnection(
  read: OptionReader,
  given: PgResourceOptions['connection'] | undefined,
): PgResourceOptions['connection'] {
  if (typeof given === 'string' || typeof given === 'function' || isGroup(given)) return given;
  return read.fail(
    'connection',
    `must be a connection string, options of pg's Client, or a function; got ${describeValue(given)}.`,
  );
}
