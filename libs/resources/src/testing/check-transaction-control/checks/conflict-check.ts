import type { CheckControlSettings } from '../check-control-options.js';
import { type ControlTrial, tell } from '../control-trial.js';

/** When two transactions conflict, effectOf recognizes the error by which the database asks for another attempt. */
export async function checkConflict<T>(
  trial: ControlTrial<T>,
  conflict: NonNullable<CheckControlSettings<T>['conflict']>,
): Promise<void> {
  const { control } = trial;
  const pair = [await trial.open(), await trial.open()] as const;
  for (const resource of pair) {
    const serializable = await trial.settled(() => control.begin(resource, { isolation: 'SERIALIZABLE' }));
    if (serializable.state !== 'fulfilled') await trial.begin('conflict', resource);
  }
  let outcome = await trial.settled(() => conflict(...pair));
  for (const resource of pair)
    if (outcome.state === 'fulfilled') outcome = await trial.settled(() => control.commit(resource));
  const effect = outcome.state === 'rejected' ? control.effectOf?.(outcome.reason) : undefined;
  trial.expect(effect === 'retry', {
    check: 'conflict',
    done: 'brought two transactions into a conflict',
    expected: "an error of which effectOf says 'retry'",
    found:
      outcome.state === 'rejected'
        ? `it ${tell(outcome)}, and effectOf says no such thing`
        : `it ${tell(outcome)}`,
    remedy: 'have effectOf know the errors with which the database asks for another attempt',
  });
  for (const resource of pair) await trial.settled(() => control.rollback(resource));
}
