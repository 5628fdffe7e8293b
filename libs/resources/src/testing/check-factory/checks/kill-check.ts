import type { CheckFactoryOptions } from '../check-factory-options.js';
import type { FactoryTrial, Made } from '../factory-trial.js';
import { HookCall } from '../hook-call.js';
import { lookUntil } from '../look-until.js';

/** Has the server end a resource. The pool must come to know, or it lends what is dead. */
export async function checkKill<T>(
  trial: FactoryTrial<T>,
  kill: NonNullable<CheckFactoryOptions<T>['kill']>,
): Promise<void> {
  const { timeout, within } = trial.settings;
  const made = await trial.make('kill');
  await trial.ask('kill', () => kill(made.resource));
  const { creation } = made;
  // Idle at first: while validate runs, it may hear what nobody hears otherwise.
  await lookUntil(() => creation.retired || creation.errors?.first !== undefined, timeout);
  if (!(await lookUntil(() => isKnownDead(trial, made), within)))
    trial.findings.push({
      check: 'kill',
      done: 'had the server end a resource',
      expected: `retire to be called, or validate to say no, within ${within} ms`,
      found: 'neither: the pool would lend it',
      remedy:
        'call retire when it dies: client.on("error", retire), and for what dies in silence add a validate',
    });
  await trial.destroy(made);
  await trial.expectNothingLeft(
    'kill',
    'destroyed a resource that the server had ended',
    'have destroy end what is left of it, and kill end what it is given',
  );
}

async function isKnownDead<T>({ factory, settings }: FactoryTrial<T>, { creation, resource }: Made<T>) {
  if (creation.retired) return true;
  if (factory.validate === undefined) return false;
  const outcome = await new HookCall(() => factory.validate?.(resource)).settledWithin(settings.timeout);
  return creation.retired || outcome.state !== 'fulfilled' || outcome.value !== true;
}
