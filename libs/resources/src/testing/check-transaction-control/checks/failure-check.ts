import type { CheckControlSettings } from '../check-control-options.js';
import { type ControlTrial, tell } from '../control-trial.js';

/** After a statement whose error was swallowed, commit must report what has really become of the transaction. */
export async function checkFailure<T>(
  trial: ControlTrial<T>,
  fail: NonNullable<CheckControlSettings<T>['fail']>,
): Promise<void> {
  const { control } = trial;
  const own = await trial.open();
  const other = await trial.open();
  await trial.begin('failure', own);
  const name = await trial.write(own);
  await trial.settled(() => fail(own));
  const outcome = await trial.settled(() => control.commit(own));
  const kept = await trial.has(other, name);
  trial.expect(outcome.state !== 'pending' && kept === (outcome.state === 'fulfilled'), {
    check: 'failure',
    done: 'wrote in a transaction, had a statement fail, and committed it',
    expected: 'commit to fail if nothing of it is kept, and to succeed if it is',
    found: `commit ${tell(outcome)}, and what was written is ${kept ? '' : 'not '}there`,
    remedy: "look at the database's answer to the commit: it may be that it has rolled back",
  });
  if (outcome.state === 'rejected') {
    trial.expect(control.effectOf?.(outcome.reason) !== 'unknown', {
      check: 'failure',
      done: 'asked effectOf about a commit that the database has answered with a rollback',
      expected: "not 'unknown'",
      found: "'unknown', although it is known that nothing was committed",
      remedy: "have effectOf say 'unknown' only of an answer that was lost",
    });
    // After an error of commit, a caller may call rollback to be sure.
    await trial.rollbackSettles(
      'failure',
      own,
      'called rollback after a commit that failed',
      'have rollback answer where there is no transaction, too',
    );
  }
  await trial.commitsNext(
    'failure',
    [own, other],
    'committed the next transaction after one that failed',
    'have a commit that fails end the transaction',
  );
}
