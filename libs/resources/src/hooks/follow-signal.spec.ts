import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { isAborted, reasonOf } from './abort-signals.js';
import { followSignal, type SignalFollower, unfollowSignal } from './follow-signal.js';

/** Keeps what it hears. */
function follower(hears?: () => void): SignalFollower & { readonly heard: unknown[] } {
  const heard: unknown[] = [];
  return { heard, signalAborted: (reason) => (heard.push(reason), hears?.()) };
}

/** A signal of a polyfill's, with what it does otherwise. */
function foreignSignal(otherwise: object): AbortSignal {
  const signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
  return Object.create(signal, Object.getOwnPropertyDescriptors(otherwise)) as AbortSignal;
}

const fails = (): never => {
  throw new Error('not today');
};

describe('following a signal', () => {
  it('costs it one listener, however many follow, and none when nobody does any more', () => {
    const { signal } = new AbortController();
    const followers = Array.from({ length: 1_000 }, () => follower());
    for (const each of followers) followSignal(signal, each);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const each of followers) unfollowSignal(signal, each);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('tells each follower once, with the reason', () => {
    const controller = new AbortController();
    const [one, other, left] = [follower(), follower(), follower()];
    for (const each of [one, other, left]) followSignal(controller.signal, each);
    unfollowSignal(controller.signal, left);
    controller.abort('enough');
    controller.abort('more than that');
    expect([one.heard, other.heard, left.heard]).toEqual([['enough'], ['enough'], []]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('tells nothing to who leaves because of what another one does', () => {
    const controller = new AbortController();
    const last = follower();
    const first = follower(() => unfollowSignal(controller.signal, last));
    followSignal(controller.signal, first);
    followSignal(controller.signal, last);
    controller.abort();
    expect([first.heard.length, last.heard.length]).toEqual([1, 0]);
  });

  it('hears of a signal that calls without an event, and twice', () => {
    const listeners: (() => void)[] = [];
    const signal = foreignSignal({ addEventListener: (_: string, each: () => void) => listeners.push(each) });
    const one = follower();
    followSignal(signal, one);
    for (const listener of [...listeners, ...listeners]) listener();
    expect(one.heard).toEqual([expect.objectContaining({ name: 'AbortError' })]);
  });

  it('refuses one that can not be listened to or asked, and leaves one that can not be left', () => {
    const one = follower();
    expect(() => followSignal(foreignSignal({ addEventListener: fails }), one)).toThrow(
      '"signal" can\'t be listened to: not today',
    );
    expect(() => isAborted(foreignSignal({ get: fails, aborted: undefined }))).not.toThrow();
    const asked = Object.defineProperty(foreignSignal({}), 'aborted', { get: fails });
    expect(() => isAborted(asked)).toThrow('"signal" can\'t be listened to: not today');
    const kept = foreignSignal({ removeEventListener: fails });
    followSignal(kept, one);
    expect(() => unfollowSignal(kept, one)).not.toThrow();
  });

  it('tells why, whatever a signal says', () => {
    const controller = new AbortController();
    controller.abort(null);
    expect(reasonOf(controller.signal)).toBeNull();
    const silent = Object.defineProperty(foreignSignal({}), 'reason', { get: fails });
    expect(reasonOf(silent)).toMatchObject({ name: 'AbortError' });
  });
});
