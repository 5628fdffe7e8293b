import { describe, expect, it } from '@jest/globals';
import { Lifecycle } from './lifecycle.js';
import type { Phase } from '../reports/phase.js';

/** What a new listener hears, as it comes. */
const listen = (lifecycle: Lifecycle): Phase[] => {
  const heard: Phase[] = [];
  lifecycle.follow(({ phase }) => heard.push(phase));
  return heard;
};

describe('Lifecycle', () => {
  it('starts', () => {
    const lifecycle = new Lifecycle();
    expect(lifecycle.phase).toBe('starting');
    expect(listen(lifecycle)).toEqual(['starting']);
  });

  it('announces each phase as it is entered, with the time', () => {
    const lifecycle = new Lifecycle();
    const times: Date[] = [];
    lifecycle.follow(({ at }) => times.push(at));
    const heard = listen(lifecycle);
    lifecycle.enter('running');
    lifecycle.enter('draining');
    expect(heard).toEqual(['starting', 'running', 'draining']);
    expect(times).toEqual([expect.any(Date), expect.any(Date), expect.any(Date)]);
  });

  it('tells a late listener the present phase', () => {
    const lifecycle = new Lifecycle();
    lifecycle.enter('running');
    expect(listen(lifecycle)).toEqual(['running']);
  });

  it('only moves forward, and may skip', () => {
    const lifecycle = new Lifecycle();
    const heard = listen(lifecycle);
    lifecycle.enter('draining');
    lifecycle.enter('running');
    lifecycle.enter('draining');
    expect(heard).toEqual(['starting', 'draining']);
    expect(lifecycle.reached('running')).toBe(true);
    expect(lifecycle.reached('closed')).toBe(false);
  });

  it('tells nothing to who has stopped listening', () => {
    const lifecycle = new Lifecycle();
    const heard: Phase[] = [];
    const stop = lifecycle.follow(({ phase }) => heard.push(phase));
    stop();
    lifecycle.enter('closed');
    expect(heard).toEqual(['starting']);
  });
});
