import { type FactoryTrial, tellOutcome } from '../factory-trial.js';

/** Creates one and destroys it. What the server says of that is what everything else is judged by. */
export async function checkCreation<T>(trial: FactoryTrial<T>): Promise<void> {
  const { before, server, settings } = trial;
  const made = await trial.make('create');
  const count = await server.until((now) => now > before);
  if (count <= before)
    trial.fail({
      check: 'create',
      done: 'created a resource',
      expected: `count() to be more than ${before} within ${settings.within} ms`,
      found: `it is ${count}`,
      remedy: "let count() ask the server for this factory's resources: nothing can be judged without it",
    });
  const outcome = await trial.destroy(made);
  if (outcome.state !== 'fulfilled')
    trial.findings.push({
      check: 'destroy',
      done: 'destroyed a resource that works',
      expected: `destroy to settle within ${settings.timeout} ms, or soon after its signal is aborted`,
      found: `it ${tellOutcome(outcome)}`,
      remedy: 'close the resource in destroy, and end by force what is left when its signal is aborted',
    });
  await trial.expectNothingLeft(
    'destroy',
    'created a resource and destroyed it',
    'have destroy end all that create has opened',
  );
}
