import { describeValue } from '../../../words/describe-value.js';
import type { ControlTrial } from '../control-trial.js';

/** Values that an application's code may throw, but no database. */
const FOREIGN: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => '40001',
  () => new Error('a bug'),
  () => ({}),
  () => Object.create(null) as unknown,
  () => {
    const error = new Error('its own cause');
    error.cause = error;
    return error;
  },
];

/** effectOf takes any value, and says 'retry' only of what the database has answered. */
export async function checkEffect<T>(trial: ControlTrial<T>): Promise<void> {
  const { control } = trial;
  for (const make of FOREIGN) {
    const error = make();
    const outcome = await trial.settled(() => control.effectOf?.(error));
    trial.expect(outcome.state === 'fulfilled' && outcome.value !== 'retry', {
      check: 'effect',
      done: `asked effectOf about ${describeValue(error)}`,
      expected: "not 'retry': no database asks for that",
      found: outcome.state === 'fulfilled' ? describeValue(outcome.value) : 'it throws',
      remedy: 'have effectOf look for what only your database says, and trust no value to be an error',
    });
  }
}
