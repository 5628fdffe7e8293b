import type { ControlTrial } from '../control-trial.js';

/** A rollback leaves nothing of a transaction, and the same resource can begin the next one. */
export async function checkRollback<T>(trial: ControlTrial<T>): Promise<void> {
  const own = await trial.open();
  const other = await trial.open();
  await trial.begin('rollback', own);
  const name = await trial.write(own);
  await trial.rollback('rollback', own, 'wrote in a transaction, and called rollback');
  for (const resource of [own, other])
    trial.expect(!(await trial.has(resource, name)), {
      check: 'rollback',
      done: 'wrote in a transaction, and rolled it back',
      expected: 'nothing of it to be left',
      found: 'it is there',
      remedy: 'have rollback undo all that was done since begin',
    });
  await trial.commitsNext(
    'rollback',
    [own, other],
    'rolled a transaction back, and committed the next one of the same resource',
    'have rollback leave the resource as begin has found it',
  );
}
