import type { OptionReader } from '../../options/option-reader.js';

/** Where credentials come from that may change while the pool lives. */
export interface CredentialsOptions {
  /**
   * Reads the credentials, whole: a user with its password, not one and then the other. Called for each creation; those that begin while it is
   * being read share what it brings, of a keyed pool those of the same key. `create` gets that as `secret`. Its time counts as the creation's.
   * Default: none.
   */
  secret?: (context: SecretContext) => unknown;
  /**
   * Whether an error that `create` threw says that the credentials were refused: then they are read once more, and `create` is called once more with
   * them, within the same attempt. It must answer at once. Default: whether it, or a cause of it, is one by which well-known clients say so
   * (PostgreSQL's 28P01 and 28000, and those of MySQL, SQL Server, MongoDB, Redis, AMQP, SSH, SMTP, and HTTP's 401).
   */
  isAuthenticationError?: (error: unknown) => boolean;
}

/** What `credentials.secret` is told. */
export interface SecretContext {
  /** The key that the credentials are for, in a keyed pool; empty in any other. */
  readonly key: string;
}

/** {@link CredentialsOptions} read. */
export interface CredentialsSettings {
  readonly credentials: CredentialsOptions;
}

export function readCredentialsOptions(
  read: OptionReader,
  given: CredentialsOptions | undefined,
): CredentialsSettings {
  const names = ['secret', 'isAuthenticationError'];
  if (typeof given === 'function')
    read.fail('credentials', 'must be an object; got a function. Write { secret: thatFunction }.');
  const { secret, isAuthenticationError } = read.group('credentials', given, names);
  if (secret !== undefined && typeof secret !== 'function') {
    read.fail('credentials.secret', 'must be a function that reads the credentials.'); // what it is may be a secret
  }
  read.callback('credentials.isAuthenticationError', isAuthenticationError);
  if (secret === undefined && isAuthenticationError !== undefined) {
    read.fail('credentials.isAuthenticationError', 'needs "credentials.secret", which is read again then.');
  }
  return { credentials: { secret, isAuthenticationError } };
}
