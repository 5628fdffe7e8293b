import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { IllegalTransitionError } from '../errors/illegal-transition-error.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { Lifecycle } from './lifecycle.js';

const begun = () => new Lifecycle(new VirtualClock(), new NeutralGround());

/** What a new listener hears, as it comes. */
const listen = (lifecycle: Lifecycle): string[] => {
  const heard: string[] = [];
  lifecycle.follow(({ type = 'all', phase }) => heard.push(`${type} ${phase}`));
  return heard;
};

describe('Lifecycle', () => {
  it('is registered until it starts', () => {
    const lifecycle = begun();
    expect(lifecycle.phase).toBe('registered');
    expect(listen(lifecycle)).toEqual(['all registered']);
  });

  it('announces each phase as it is entered, of the coordinator and of its types', () => {
    const lifecycle = begun();
    const heard = listen(lifecycle);
    lifecycle.enter('starting');
    const pg = lifecycle.begin('pg');
    pg.enter('starting');
    pg.enter('ready');
    lifecycle.enter('ready');
    expect(heard).toEqual([
      'all registered',
      'all starting',
      'pg registered',
      'pg starting',
      'pg ready',
      'all ready',
    ]);
  });

  it('tells a late listener the present phases, and nothing of what was forgotten', () => {
    const lifecycle = begun();
    lifecycle.enter('starting');
    lifecycle.begin('pg').enter('starting');
    lifecycle.forget(lifecycle.begin('gone'));
    expect(listen(lifecycle)).toEqual(['all starting', 'pg starting']);
  });

  it('drains as soon as it is told to, before anybody hears of it', () => {
    const lifecycle = begun();
    const seen: boolean[] = [];
    lifecycle.follow(() => seen.push(lifecycle.draining));
    lifecycle.enter('draining');
    lifecycle.enter('stopped');
    expect(seen).toEqual([false, true, true]);
  });

  it('refuses what does not follow, and is as before', () => {
    const lifecycle = begun();
    expect(() => lifecycle.enter('stopped')).toThrow(IllegalTransitionError);
    expect([lifecycle.phase, lifecycle.draining]).toEqual(['registered', false]);
  });

  it('tells everybody in the same order what a listener has caused', () => {
    const lifecycle = begun();
    lifecycle.follow(({ phase }) => {
      if (phase === 'starting') lifecycle.enter('draining');
    });
    const heard = listen(lifecycle);
    lifecycle.enter('starting');
    expect(heard).toEqual(['all registered', 'all starting', 'all draining']);
  });

  it('tells nothing to who has stopped listening', () => {
    const lifecycle = begun();
    const heard: string[] = [];
    const stop = lifecycle.follow(({ phase }) => heard.push(phase));
    stop();
    lifecycle.enter('starting');
    expect(heard).toEqual(['registered']);
  });

  it('is not disturbed by a listener that throws or that changes what it was given', () => {
    const lifecycle = begun();
    const warnings: unknown[] = [];
    const emitWarning = process.emitWarning;
    process.emitWarning = (warning: unknown) => void warnings.push(warning);
    try {
      lifecycle.follow((event) => {
        event.phase = 'failed';
        throw new Error('of a listener');
      });
      const heard = listen(lifecycle);
      lifecycle.enter('starting');
      expect(heard).toEqual(['all registered', 'all starting']);
      expect(lifecycle.phase).toBe('starting');
      expect(warnings).toHaveLength(2);
    } finally {
      process.emitWarning = emitWarning;
    }
  });

  it('is heard on neutral ground, whoever enters a phase', () => {
    const storage = new AsyncLocalStorage<string>();
    const lifecycle = begun();
    const seen: (string | undefined)[] = [];
    storage.run('a request', () => {
      lifecycle.follow(() => seen.push(storage.getStore()));
      lifecycle.enter('starting');
    });
    expect(seen).toEqual([undefined, undefined]);
  });
});
