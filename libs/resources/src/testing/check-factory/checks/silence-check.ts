import type { CheckFactoryOptions } from '../check-factory-options.js';
import { type FactoryTrial, type Made, tellOutcome } from '../factory-trial.js';
import { type CallOutcome, HookCall } from '../hook-call.js';
import type { TrialCreation } from '../trial-creation.js';

/** Makes the network silent, under resources that work and under a creation. What is open then must be closed from this side. */
export async function checkSilence<T>(
  trial: FactoryTrial<T>,
  silence: NonNullable<CheckFactoryOptions<T>['silence']>,
): Promise<void> {
  const unasked = await trial.make('silence');
  const asked = trial.factory.validate === undefined ? undefined : await trial.make('silence');
  const end = await trial.ask('silence', silence);
  try {
    await Promise.all([
      destroyInSilence(trial, unasked, 'destroyed a resource'),
      asked && validateInSilence(trial, asked),
      createInSilence(trial),
    ]);
  } finally {
    await trial.ask('silence', end);
  }
  await trial.expectNothingLeft(
    'silence',
    'let the network speak again, after all was destroyed or aborted',
    'end the sockets themselves, also of what is still connecting',
  );
}

async function createInSilence<T>(trial: FactoryTrial<T>): Promise<void> {
  const { timeout, within } = trial.settings;
  const creation = trial.create();
  const early = await creation.settledWithin(timeout);
  creation.abort();
  const outcome = early.state === 'pending' ? await creation.settledWithin(within) : early;
  if (outcome.state === 'fulfilled')
    return await destroyInSilence(
      trial,
      trial.keep({ resource: outcome.value, creation, check: 'silence' }),
      'created a resource, and destroyed it',
    );
  await expectEnded(trial, creation, outcome, {
    done: `called create while the network was silent, and aborted its signal after ${timeout} ms`,
    hook: 'create',
    remedy: 'hand the signal of create to what connects, such as by addAbortSignal(signal, socket)',
  });
}

/** As a pool does that wants to lend it: what does not answer is destroyed. */
async function validateInSilence<T>(trial: FactoryTrial<T>, made: Made<T>): Promise<void> {
  const { factory, settings } = trial;
  await new HookCall(() => factory.validate?.(made.resource)).settledWithin(settings.timeout);
  await destroyInSilence(trial, made, 'validated a resource and destroyed it');
}

async function destroyInSilence<T>(trial: FactoryTrial<T>, made: Made<T>, done: string): Promise<void> {
  await expectEnded(trial, made.creation, await trial.destroy(made), {
    done: `${done} while the network was silent, and aborted its signal after ${trial.settings.timeout} ms`,
    hook: 'destroy',
    remedy:
      'end the socket when the signal of destroy is aborted, such as by addAbortSignal(signal, socket): ' +
      'a silent server answers no goodbye',
  });
}

async function expectEnded<T>(
  trial: FactoryTrial<T>,
  creation: TrialCreation<T>,
  outcome: CallOutcome<unknown>,
  { done, hook, remedy }: { done: string; hook: string; remedy: string },
): Promise<void> {
  const open = await trial.openOf(creation);
  if (outcome.state !== 'pending' && open === '') return;
  const settled = outcome.state === 'pending' ? `${hook} ${tellOutcome(outcome)}` : `${hook} has settled`;
  trial.findings.push({
    check: 'silence',
    done,
    expected: `${hook} to settle, and nothing to stay open, within ${trial.settings.within} ms`,
    found: open === '' ? settled : `${settled}; still open: ${open}`,
    remedy,
  });
}
