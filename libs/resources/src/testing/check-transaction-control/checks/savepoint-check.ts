import type { ControlTrial } from '../control-trial.js';

/** A savepoint undoes or keeps its part of a transaction, and leaves the rest as it is. */
export async function checkSavepoints<T>(trial: ControlTrial<T>): Promise<void> {
  const { control, settings } = trial;
  const own = await trial.open();
  const other = await trial.open();
  const call = (method: 'savepoint' | 'rollbackTo' | 'release', name: string): Promise<void> =>
    trial.succeeds('it', () => control[method]?.(own, name), {
      check: 'savepoint',
      done: `called ${method} in a transaction`,
      expected: 'it to succeed',
      remedy: 'have savepoint, rollbackTo and release settle when the database has answered',
    });
  await trial.begin('savepoint', own);
  const before = await trial.write(own);
  await call('savepoint', 'first');
  const undone = await trial.write(own);
  await call('savepoint', 'second');
  const released = await trial.write(own);
  await call('release', 'second');
  if (settings.fail !== undefined) await trial.settled(() => settings.fail?.(own));
  await call('rollbackTo', 'first');
  const between = await trial.write(own);
  await call('savepoint', 'third');
  const after = await trial.write(own);
  await call('release', 'third');
  await trial.commit('savepoint', own);
  for (const [name, wanted, what] of [
    [before, true, 'before a savepoint to which it was rolled back'],
    [undone, false, 'after a savepoint to which it was rolled back'],
    [released, false, 'in a savepoint that was released, in one to which it was rolled back'],
    [between, true, 'after it was rolled back to a savepoint'],
    [after, true, 'in a savepoint that was released'],
  ] as const)
    trial.expect((await trial.has(other, name)) === wanted, {
      check: 'savepoint',
      done: `committed a transaction, in which something was written ${what}`,
      expected: wanted ? 'it to be there' : 'it to be gone',
      found: wanted ? 'it is gone' : 'it is there',
      remedy:
        'have rollbackTo undo what was done since the savepoint of this name, and nothing else; and release keep it for what is around it',
    });
}
