import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PoolEvent } from '../reports/pool-event.js';
import type { Trouble } from '../reports/trouble.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { TroubleWatch } from './trouble-watch.js';

const failed = (cause: unknown = new Error('refused')): PoolEvent => ({
  kind: 'creationFailed',
  type: 'pg',
  cause,
});
const recovered: PoolEvent = { kind: 'creationRecovered', type: 'pg' };
const reset: PoolEvent = { kind: 'resetFailed', type: 'pg', resourceId: 1, cause: new Error('no') };

let clock: VirtualClock;
let watch: TroubleWatch;
let told: string[];
let endings: { trouble: Trouble; duration: number }[];

beforeEach(() => {
  clock = new VirtualClock();
  watch = new TroubleWatch(clock, new NeutralGround());
  told = [];
  endings = [];
  watch.follow({
    began: ({ kind, count }) => told.push(`${kind} ${count}`),
    ended: (trouble, duration) => {
      told.push(`${trouble.kind} is over`);
      endings.push({ trouble, duration });
    },
  });
});

/** @param seconds in which it happens four times a second */
async function goOn(seconds: number, event: PoolEvent): Promise<void> {
  for (let quarter = 0; quarter < seconds * 4; quarter++) {
    watch.poolEvent(event);
    await clock.advance(250);
  }
}

describe('trouble with creation', () => {
  it('is told once, however often it happens', async () => {
    await goOn(600, failed());
    expect(told).toEqual(['creationFailed 1']);
    expect(watch.all).toMatchObject([{ source: 'pool', type: 'pg', kind: 'creationFailed', count: 2_400 }]);
  });

  it('is over a second after it has succeeded, and says how often and how long it failed', async () => {
    await goOn(10, failed());
    watch.poolEvent(recovered);
    await clock.advance(2_000);
    expect(told).toEqual(['creationFailed 1', 'creationFailed is over']);
    expect(endings).toMatchObject([{ trouble: { count: 40, cause: 'refused' }, duration: 9_750 }]);
    expect(watch.all).toEqual([]);
  });

  it('goes on while nobody tries, however long that is', async () => {
    watch.poolEvent(failed());
    await clock.advance(3_600_000);
    expect(told).toEqual(['creationFailed 1']);
    expect(watch.all).toHaveLength(1);
  });

  it('that comes and goes is told twice in thirty seconds at most', async () => {
    for (let second = 0; second < 60; second++) {
      watch.poolEvent(failed());
      watch.poolEvent(recovered);
      await clock.advance(1_000);
    }
    expect(told.length).toBeLessThanOrEqual(6);
    expect(told.length).toBeGreaterThanOrEqual(3);
  });

  it('that fails again within a second of a success is not over', async () => {
    await goOn(1, failed());
    watch.poolEvent(recovered);
    await clock.advance(500);
    await goOn(5, failed());
    expect(told).toEqual(['creationFailed 1']);
  });

  it('that began too soon after the last is told when it lasts', async () => {
    watch.poolEvent(failed());
    watch.poolEvent(recovered);
    await clock.advance(5_000);
    await goOn(40, failed());
    expect(told).toEqual([
      'creationFailed 1',
      'creationFailed is over',
      expect.stringMatching(/^creationFailed \d\d/),
    ]);
  });

  it('for one key of a keyed pool does not end by the success of another, but by thirty quiet seconds', async () => {
    watch.poolEvent({ ...failed(), key: 'acme' });
    watch.poolEvent({ ...recovered, key: 'globex' });
    await clock.advance(20_000);
    expect(told).toEqual(['creationFailed 1']);
    await clock.advance(12_000);
    expect(told).toEqual(['creationFailed 1', 'creationFailed is over']);
  });
});

describe('trouble of other kinds', () => {
  it('is over when it has not happened for thirty seconds', async () => {
    watch.poolEvent(reset);
    await clock.advance(29_000);
    watch.poolEvent(reset);
    await clock.advance(29_000);
    expect(told).toEqual(['resetFailed 1']);
    await clock.advance(3_000);
    expect(told).toEqual(['resetFailed 1', 'resetFailed is over']);
  });

  it('is told apart by kind, by type, and by pool and cache', () => {
    watch.poolEvent(reset);
    watch.poolEvent({ ...reset, type: 'sftp' });
    watch.poolEvent({ kind: 'timeout', type: 'pg', owner: 'find' });
    watch.cacheEvent({ kind: 'validationFailed', type: 'pg', key: 'a', cause: 'dead' });
    watch.poolEvent({ kind: 'validationFailed', type: 'pg', resourceId: 1, cause: 'dead' });
    expect(told).toEqual([
      'resetFailed 1',
      'resetFailed 1',
      'timeout 1',
      'validationFailed 1',
      'validationFailed 1',
    ]);
  });

  it.each(['acquired', 'released', 'abandoned'] as const)('%s is none', (kind) => {
    watch.poolEvent({ kind, type: 'pg', resourceId: 1, owner: 'find' });
    expect(watch.all).toEqual([]);
  });

  it('aborted is none', () => {
    watch.poolEvent({ kind: 'aborted', type: 'pg', owner: 'find' });
    expect(watch.all).toEqual([]);
  });

  it('keeps a text of its cause, on one line, whatever that was', () => {
    watch.poolEvent({ ...reset, cause: new Error('a\nforged line') });
    expect(watch.all).toMatchObject([{ cause: 'a\\nforged line' }]);
  });
});

describe('a watch', () => {
  it('keeps nothing and runs no timer when all has been well for a while', async () => {
    watch.poolEvent(reset);
    await clock.advance(120_000);
    expect(clock.running).toBe(0);
  });

  it('runs no timer for what only a success will end', async () => {
    watch.poolEvent(failed());
    await clock.advance(5_000);
    expect(clock.running).toBe(0);
    watch.poolEvent(recovered);
    await clock.advance(2_000);
    expect(told).toEqual(['creationFailed 1', 'creationFailed is over']);
  });

  it('tells a listener that comes later of what still goes on', async () => {
    const late: string[] = [];
    const unheard = new TroubleWatch(clock, new NeutralGround());
    unheard.poolEvent(failed());
    unheard.follow({ began: ({ kind }) => late.push(kind), ended: () => undefined });
    await clock.advance(2_000);
    expect(late).toEqual(['creationFailed']);
  });

  it('tells a listener once, however often it was given', () => {
    const heard: string[] = [];
    const listener = { began: ({ kind }: Trouble) => heard.push(kind), ended: () => undefined };
    watch.follow(listener);
    watch.follow(listener);
    watch.poolEvent(failed());
    expect(heard).toEqual(['creationFailed']);
  });

  it('keeps no process alive', () => {
    watch.poolEvent(failed());
    expect(clock.holding).toBe(0);
  });

  it('forgets a pool that is no more', async () => {
    watch.poolEvent(failed());
    watch.forget('pg');
    await clock.advance(60_000);
    expect(told).toEqual(['creationFailed 1']);
    expect(watch.all).toEqual([]);
  });

  it('tells nothing any more when it was stopped', async () => {
    watch.poolEvent(failed());
    watch.stop();
    watch.poolEvent(reset);
    await clock.advance(60_000);
    expect(told).toEqual(['creationFailed 1']);
    expect(clock.running).toBe(0);
  });

  it('is not disturbed by a listener that throws', () => {
    const other: string[] = [];
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    watch.follow({
      began: () => {
        throw new Error('the logger is down');
      },
      ended: () => undefined,
    });
    watch.follow({ began: ({ kind }) => other.push(kind), ended: () => undefined });
    watch.poolEvent(failed());
    expect(other).toEqual(['creationFailed']);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('tells in no context of the request that met the trouble', () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    watch.follow({ began: () => seen.push(context.getStore()), ended: () => undefined });
    context.run('a request', () => watch.poolEvent(failed()));
    expect(seen).toEqual([undefined]);
  });
});
