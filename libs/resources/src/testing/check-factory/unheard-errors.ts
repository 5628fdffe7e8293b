import { isObject } from '../../hooks/is-object.js';

/** The part of an emitter of Node that is asked. */
interface Emitter {
  prependListener(event: 'error', listener: (error: unknown) => void): unknown;
  listenerCount(event: 'error'): number;
}

/**
 * Hears the `error` events of a resource that nobody else hears: each of them would end the process, and with it the test that is
 * there to find that out.
 */
export class UnheardErrors {
  private errors: unknown[] = [];

  constructor(resource: unknown) {
    if (!isEmitter(resource)) return;
    // Before the others: one that listens once would be gone already.
    resource.prependListener('error', (error) => {
      if (resource.listenerCount('error') === 1) this.errors.push(error);
    });
  }

  /** One of them, if there was one. */
  get first(): { error: unknown } | undefined {
    return this.errors.length === 0 ? undefined : { error: this.errors[0] };
  }
}

function isEmitter(resource: unknown): resource is Emitter {
  try {
    const { prependListener, listenerCount } = resource as Partial<Emitter>; // any resource
    return isObject(resource) && typeof prependListener === 'function' && typeof listenerCount === 'function';
  } catch {
    return false;
  }
}
