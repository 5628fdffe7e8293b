import { UncleanSessionError } from '../../errors/unclean-session-error.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import type { ResetFunction } from '../reset/reset-session.js';
import type { NativeSession } from './native-session.js';

/** Brings a session of libpq back to how it was before the loan. @throws what says that it can't */
export async function resetNative(
  session: NativeSession,
  how: 'discard' | 'rollback' | ResetFunction,
): Promise<void> {
  const { watch } = session;
  let { submitted } = watch;
  await watch.settled();
  if (typeof how === 'function') {
    await new Promise<void>((resolve, rejected) => {
      outcomeOf(how(session), { resolved: () => resolve(), rejected });
    });
    ({ submitted } = watch);
    await watch.settled();
  } else if (session.getTransactionStatus() !== 'I') await watch.ask('ROLLBACK');
  watch.restoreClient();
  if (how === 'discard') {
    await watch.ask('DISCARD ALL');
    session.namedQueries = {}; // the server has forgotten them
  }
  if (watch.submitted !== submitted || !watch.isSettled || session.getTransactionStatus() !== 'I')
    throw new UncleanSessionError('used');
  session.isShared = session.isReadOnly = false;
}
