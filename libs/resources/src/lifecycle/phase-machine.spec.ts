import { describe, expect, it } from '@jest/globals';
import { IllegalTransitionError } from '../errors/illegal-transition-error.js';
import { type LifecycleEvent, type Phase, PHASES } from '../reports/phase.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { PhaseMachine, TRANSITIONS } from './phase-machine.js';

/** The ways by which a life comes into each phase. */
const WAYS: Readonly<Record<Phase, readonly Phase[]>> = {
  registered: [],
  starting: ['starting'],
  ready: ['starting', 'ready'],
  degraded: ['starting', 'degraded'],
  draining: ['draining'],
  stopped: ['draining', 'stopped'],
  failed: ['starting', 'failed'],
};

const machineIn = (phase: Phase, type?: string) => {
  const clock = new VirtualClock();
  const events: LifecycleEvent[] = [];
  const machine = new PhaseMachine(type, clock, (event) => events.push(event));
  for (const next of WAYS[phase]) machine.enter(next);
  return { clock, events, machine };
};

const PAIRS = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));

describe('a life', () => {
  it.each(PAIRS.filter(([from, to]) => TRANSITIONS[from].includes(to)))('goes from %s to %s', (from, to) => {
    const { machine, events } = machineIn(from);
    expect(machine.may(to)).toBe(true);
    machine.enter(to);
    expect(machine.phase).toBe(to);
    expect(events.at(-1)).toMatchObject({ phase: to, from });
  });

  it.each(PAIRS.filter(([from, to]) => !TRANSITIONS[from].includes(to)))(
    'does not go from %s to %s',
    (from, to) => {
      const { machine, events } = machineIn(from, 'pg');
      const told = events.length;
      expect(machine.may(to)).toBe(false);
      let refused: unknown;
      try {
        machine.enter(to);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(IllegalTransitionError);
      expect(refused).toMatchObject({ type: 'pg', from, to });
      expect(machine.phase).toBe(from);
      expect(events).toHaveLength(told);
    },
  );

  it('can come to its end from wherever it is, and goes nowhere from there', () => {
    for (const phase of PHASES.filter((each) => each !== 'stopped' && each !== 'draining'))
      expect([phase, TRANSITIONS[phase].includes('draining')]).toEqual([phase, true]);
    expect(TRANSITIONS.stopped).toEqual([]);
  });

  it('tells how long each phase took, and why', async () => {
    const { clock, machine, events } = machineIn('ready', 'pg');
    await clock.advance(1_500);
    const cause = new Error('the tunnel is gone');
    machine.enter('degraded', cause);
    await clock.advance(250);
    machine.enter('ready');
    expect(events.slice(-2)).toEqual([
      { type: 'pg', phase: 'degraded', from: 'ready', at: expect.any(Date), duration: 1_500, cause },
      { type: 'pg', phase: 'ready', from: 'degraded', at: expect.any(Date), duration: 250 },
    ]);
    expect(machine.last).toBe(events.at(-1));
  });

  it("begins registered, and the coordinator's has no type", () => {
    const { events } = machineIn('registered');
    expect(events).toEqual([{ phase: 'registered', from: undefined, at: expect.any(Date), duration: 0 }]);
  });
});
