import { beforeEach, describe, expect, it } from '@jest/globals';
import { NeutralGround } from '../time/neutral-ground.js';
import { timekeeping } from '../time/timekeeping.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { type DestroyContext, Destroyer, type DestructionListener } from './destroyer.js';

const LISTENER: DestructionListener = { failed: () => undefined, gone: () => undefined };
const never = (): Promise<void> => new Promise(() => undefined);

describe('what destroys', () => {
  let clock: VirtualClock;
  let destroyer: Destroyer;
  let context: DestroyContext;

  beforeEach(() => {
    clock = new VirtualClock();
    destroyer = new Destroyer(timekeeping(clock, new NeutralGround()));
  });

  function destroy(work: () => unknown, listener = LISTENER): Promise<void> {
    const told = (given: DestroyContext): unknown => {
      context = given;
      return work();
    };
    return destroyer.destroy(told, 100, listener);
  }

  it('has a signal that stays as it is while its time lasts, and when it was in time', async () => {
    const over = destroy(() => undefined);
    expect(context.signal.aborted).toBe(false);
    await over;
    await clock.advance(1_000);
    expect(context.signal.aborted).toBe(false);
  });

  it('hears by the signal that its time is up, before its place is given away', async () => {
    let aborted: boolean | undefined;
    const gone = (): void => void (aborted = context.signal.aborted);
    const over = destroy(never, { ...LISTENER, gone });
    await clock.advance(120);
    await over;
    expect(aborted).toBe(true);
    expect(context.signal.reason).toMatchObject({ name: 'TimeLimitError', what: 'destroy', limit: 100 });
  });

  it('that fails has what is left ended by the signal', async () => {
    const failure = new Error('no goodbye');
    await destroy(() => Promise.reject(failure));
    await settle();
    expect(context.signal.reason).toBe(failure);
  });
});
