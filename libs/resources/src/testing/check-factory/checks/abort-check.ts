import { type FactoryTrial, tellOutcome } from '../factory-trial.js';

/** Part of the time that a creation takes: some are aborted when they should have been over. */
const OVERTIME = 1.2;

const REMEDY =
  'end the connection itself when the signal of create is aborted, such as by addAbortSignal(signal, socket): ' +
  'what create throws away after it has connected lives on in the server';

/** Aborts creations at random moments, as a pool does whose callers have gone. */
export async function checkAborts<T>(trial: FactoryTrial<T>): Promise<void> {
  const { aborts, within } = trial.settings;
  for (let round = 0; round < aborts; round++) {
    const creation = trial.create();
    await trial.moments.pass(OVERTIME * trial.creationTime);
    creation.abort();
    const outcome = await creation.settledWithin(within);
    if (outcome.state === 'fulfilled')
      await trial.destroy(trial.keep({ resource: outcome.value, creation, check: 'abort' }));
    if (outcome.state !== 'pending') continue;
    trial.findings.push({
      check: 'abort',
      done: 'aborted a creation at a random moment',
      expected: `create to settle within ${within} ms, one way or the other`,
      found: `it ${tellOutcome(outcome)}`,
      remedy: REMEDY,
    });
    break;
  }
  await trial.expectNothingLeft('abort', `aborted ${aborts} creations, each at a random moment`, REMEDY);
}
