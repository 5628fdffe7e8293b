import type { TransactionClient } from '../transactions/transaction-client.js';
import type { NativeWatch } from './native-watch.js';

/** A client of libpq: what pg's own has, without a connection that could be looked into. */
export interface NativeSession extends TransactionClient {
  readonly watch: NativeWatch;
  /** The texts of the statements that it believes the server knows by their names; not declared. */
  namedQueries: Record<string, string>;
}
