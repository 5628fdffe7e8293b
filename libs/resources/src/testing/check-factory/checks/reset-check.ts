import type { CheckFactoryOptions } from '../check-factory-options.js';
import { type FactoryTrial, tellOutcome } from '../factory-trial.js';
import { HookCall } from '../hook-call.js';

/** Has a borrower leave something behind, and looks whether the next one would find it. */
export async function checkReset<T>(
  trial: FactoryTrial<T>,
  spoil: NonNullable<CheckFactoryOptions<T>['spoil']>,
): Promise<void> {
  const { factory, settings } = trial;
  const made = await trial.make('reset');
  await new HookCall(() => spoil(made.resource)).settledWithin(settings.within);
  const reset = await new HookCall(() => factory.reset?.(made.resource)).settledWithin(settings.within);
  if (factory.reset === undefined || reset.state !== 'fulfilled')
    trial.findings.push({
      check: 'reset',
      done: 'called reset after a borrower that failed half-way',
      expected: 'the resource to be clean, and to live on',
      found:
        factory.reset === undefined ? 'there is no reset' : `it ${tellOutcome(reset)}: the resource is lost`,
      remedy: 'have reset end an open transaction first (ROLLBACK), and clear the rest then (DISCARD ALL)',
    });
  else await expectClean(trial, made.resource);
  await trial.destroy(made);
  await trial.expectNothingLeft(
    'reset',
    'destroyed a resource that a borrower had spoilt',
    'have destroy end a resource in whatever state it is',
  );
}

async function expectClean<T>(trial: FactoryTrial<T>, resource: T): Promise<void> {
  const { isClean } = trial.settings;
  if (isClean === undefined || (await trial.ask('isClean', () => isClean(resource)))) return;
  trial.findings.push({
    check: 'reset',
    done: 'called reset after a borrower that failed half-way',
    expected: 'isClean to return true',
    found: 'it does not: the next borrower finds what the last one left',
    remedy: 'clear in reset whatever a borrower can leave: settings, listeners, locks, temporary tables',
  });
}
