import type { CheckControlSettings } from '../check-control-options.js';
import { type ControlTrial, tell } from '../control-trial.js';

/** A statement fails, and whoever called it tells nobody: then commit says what has become of the transaction, and not what was wished. */
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
    // Whoever gets an error from commit may make sure.
    const undone = await trial.settled(() => control.rollback(own));
    trial.expect(undone.state !== 'pending', {
      check: 'failure',
      done: 'called rollback after a commit that failed',
      expected: 'it to settle, either way',
      found: 'it has not settled',
      remedy: 'have rollback answer where there is no transaction, too',
    });
  }
  await trial.begin('failure', own);
  const next = await trial.write(own);
  await trial.commit('failure', own);
  trial.expect(await trial.has(other, next), {
    check: 'failure',
    done: 'committed the next transaction after one that failed',
    expected: 'what was written in it',
    found: 'it is not there',
    remedy: 'have a commit that fails end the transaction',
  });
}
