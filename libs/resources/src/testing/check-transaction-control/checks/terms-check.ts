import type { ControlTrial } from '../control-trial.js';

/** The isolations under which a transaction never sees what others commit after its first look. */
const STABLE = ['REPEATABLE READ', 'SERIALIZABLE'] as const;

/** A transaction has the terms that were asked for, or is refused; the next one does not inherit them. */
export async function checkTerms<T>(trial: ControlTrial<T>): Promise<void> {
  const own = await trial.open();
  const other = await trial.open();
  for (const isolation of STABLE) {
    if (!(await trial.beginWith(own, { isolation }, isolation))) continue;
    const name = trial.newName();
    await trial.has(own, name);
    await trial.settled(() => trial.settings.write(other, name)); // stays pending where reading takes locks
    trial.expect(!(await trial.has(own, name)), {
      check: 'terms',
      done: `began a transaction with the isolation "${isolation}", looked, had another resource write, and looked again`,
      expected: 'to find what it found before',
      found: 'it finds what was written meanwhile',
      remedy: 'have begin ask the database for the isolation that it is told, or throw',
    });
    await trial.rollback('terms', own, `called rollback of one that is "${isolation}"`);
  }
  if (await trial.beginWith(own, { readOnly: true }, 'read only')) {
    const outcome = await trial.settled(() => trial.settings.write(own, trial.newName()));
    trial.expect(outcome.state !== 'fulfilled', {
      check: 'terms',
      done: 'began a transaction that is read only, and wrote in it',
      expected: 'to be refused',
      found: 'it was written',
      remedy: 'have begin ask the database for the access that it is told, or throw',
    });
    await trial.rollback('terms', own, 'called rollback of one that is read only');
  }
  await trial.begin('terms', own);
  const next = (await trial.settled(() => trial.write(own))) as { value?: string };
  if (next.value !== undefined) await trial.commit('terms', own);
  trial.expect(next.value !== undefined && (await trial.has(other, next.value)), {
    check: 'terms',
    done: 'wrote in a transaction without terms, after others with some',
    expected: 'it to be there after the commit',
    found: 'it is not',
    remedy: 'have the terms end with the transaction that they were asked for',
  });
}
