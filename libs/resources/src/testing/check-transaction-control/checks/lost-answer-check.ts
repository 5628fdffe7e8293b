import type { CheckControlSettings } from '../check-control-options.js';
import { type ControlTrial, tell } from '../control-trial.js';

/** The connection is lost between a commit and its answer: nobody knows, and that is what must be said. */
export async function checkLostAnswer<T>(
  trial: ControlTrial<T>,
  lose: NonNullable<CheckControlSettings<T>['lose']>,
): Promise<void> {
  const { control } = trial;
  const own = await trial.open();
  await trial.begin('lost answer', own);
  await trial.write(own);
  await lose(own);
  const outcome = await trial.settled(() => control.commit(own));
  const effect = outcome.state === 'rejected' ? control.effectOf?.(outcome.reason) : undefined;
  trial.expect(effect === 'unknown', {
    check: 'lost answer',
    done: 'lost the connection between a commit and its answer',
    expected: "commit to fail with an error of which effectOf says 'unknown'",
    found:
      outcome.state === 'rejected'
        ? `it ${tell(outcome)}, and effectOf says ${effect === undefined ? 'nothing' : `'${effect}'`}`
        : `it ${tell(outcome)}`,
    remedy: 'have commit fail when its connection does, and effectOf tell that from an answer',
  });
  const undone = await trial.settled(() => control.rollback(own));
  trial.expect(undone.state !== 'pending', {
    check: 'lost answer',
    done: 'called rollback on a resource whose connection is lost',
    expected: 'it to settle, either way',
    found: 'it has not settled',
    remedy: 'have rollback fail when there is no connection',
  });
}
