import { forget, reasonOf, unheard } from './abort-signals.js';

/** Who wants to hear that a signal was aborted. */
export interface SignalFollower {
  /** Called at most once. It must not throw. */
  signalAborted(reason: unknown): void;
}

/** Those who follow one signal, as its one listener: Node warns of a leak where many callers listen to the same signal. */
class Followers {
  private readonly all = new Set<SignalFollower>();

  constructor(private readonly signal: AbortSignal) {}

  add(follower: SignalFollower): void {
    if (this.all.size === 0) this.signal.addEventListener('abort', this.abort);
    this.all.add(follower);
  }

  delete(follower: SignalFollower): void {
    if (this.all.delete(follower) && this.all.size === 0) forget(this.signal, this.abort);
  }

  // A foreign signal may call it without an event, and more than once; whoever hears of it may make others leave.
  private readonly abort = (): void => {
    for (const follower of this.all)
      if (this.all.delete(follower)) follower.signalAborted(reasonOf(this.signal));
    if (this.all.size === 0) forget(this.signal, this.abort);
  };
}

const followed = new WeakMap<AbortSignal, Followers>();

/** Tells the follower when the signal is aborted; not if it is already. @throws InvalidOptionsError when it can't be listened to */
export function followSignal(signal: AbortSignal, follower: SignalFollower): void {
  const followers = followed.get(signal) ?? new Followers(signal);
  followed.set(signal, followers);
  try {
    followers.add(follower);
  } catch (error) {
    throw unheard(error);
  }
}

/** From now on, the follower hears nothing of it. Never throws. */
export function unfollowSignal(signal: AbortSignal, follower: SignalFollower): void {
  followed.get(signal)?.delete(follower);
}
