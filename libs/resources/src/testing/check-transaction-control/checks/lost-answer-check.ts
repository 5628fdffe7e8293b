import type { CheckControlSettings } from '../check-control-options.js';
import { type ControlTrial, tell } from '../control-trial.js';

/** When the connection is lost between a commit and its answer, nobody knows the outcome, and effectOf must say so. */
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
  await trial.rollbackSettles(
    'lost answer',
    own,
    'called rollback on a resource whose connection is lost',
    'have rollback fail when there is no connection',
  );
}
