import { GOES_ON, TIMED_OUT } from '../protocol.js';

/** A job's signal, and what tells it to look whether the job's flag has changed. */
export interface JobSignal {
  readonly signal: AbortSignal;
  /** Aborts it, if the flag says so. */
  look(): void;
}

/**
 * A signal that is aborted as soon as the flag says so. Whoever asks it looks at the flag: in a loop that never yields, nobody else could.
 * What is asked and what is told stay one: the look that finds it aborted also dispatches its event.
 */
export function jobSignal(flag: { readonly state: number }): JobSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const look = (): void => {
    const { state } = flag;
    if (state !== GOES_ON) controller.abort(reasonFor(state));
  };
  const asked = (name: 'aborted' | 'reason'): PropertyDescriptor => ({
    get: () => {
      look();
      return Reflect.get(AbortSignal.prototype, name, signal) as unknown;
    },
  });
  Object.defineProperties(signal, {
    aborted: asked('aborted'),
    reason: asked('reason'),
    throwIfAborted: {
      value: () => {
        look();
        AbortSignal.prototype.throwIfAborted.call(signal);
      },
    },
  });
  return { signal, look };
}

function reasonFor(state: number): DOMException {
  return state === TIMED_OUT
    ? new DOMException('The deadline of the job has passed', 'TimeoutError')
    : new DOMException('Nobody wants the result of the job any more', 'AbortError');
}
