import type { ControlTrial } from '../control-trial.js';

/** Others see what a transaction has written after its commit, and not before. */
export async function checkCommit<T>(trial: ControlTrial<T>): Promise<void> {
  const own = await trial.open();
  const other = await trial.open();
  await trial.begin('commit', own);
  const name = await trial.write(own);
  trial.expect(!(await trial.sees(other, name)), {
    check: 'commit',
    done: 'began a transaction, and wrote in it',
    expected: 'nobody else to see it',
    found: 'another resource has it before the commit',
    remedy: 'have begin open a transaction on the resource that it is given, and settle when there is one',
  });
  await trial.commit('commit', own);
  trial.expect(await trial.has(other, name), {
    check: 'commit',
    done: 'wrote in a transaction, and committed it',
    expected: 'others to see it when commit has settled',
    found: 'it is not there',
    remedy: 'have commit settle only when the database has answered that it has committed',
  });
  const after = await trial.write(own);
  trial.expect(await trial.has(other, after), {
    check: 'commit',
    done: 'committed a transaction, and wrote outside of it',
    expected: 'others to see it at once',
    found: 'they do not: a transaction is still open',
    remedy: 'have commit end the transaction and begin none',
  });
}
