import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A scoped lease was used where no request (or other unit of work) owns it, or before it was acquired. */
export class NoLeaseScopeError extends ResourceError {
  private constructor(message: string, type: string | undefined, place: string | undefined) {
    super(message, { type, owner: place });
  }

  /** @param place where it happened, when known: `OrdersController.find` */
  static forType(type: string, place?: string): NoLeaseScopeError {
    const where = place === undefined ? '' : ` in ${describeName(place)}`;
    return new NoLeaseScopeError(
      `There is no lease scope for "${describeName(type)}"${where}: the code now running does not belong to any known unit of work. ` +
        `In a callback of an object that requests share: use a handler parameter, or wrap the callback in lease.bind(). ` +
        `Outside of a request: wrap the work in coordinator.run(work, { owner }), or call use(). ` +
        `In every request: is ResourcesModule.forRoot() imported?`,
      type,
      place,
    );
  }

  /** The key of a cached resource must be found in a request, and there is no request. @param owner the scope's, when there is one */
  static forKey(type: string, owner?: string): NoLeaseScopeError {
    return new NoLeaseScopeError(
      `The key of "${describeName(type)}" is found in a request, and ${describeName(owner ?? 'the code now running')} belongs to none. ` +
        `Give it yourself: coordinator.acquireCached("${describeName(type)}", key).`,
      type,
      owner,
    );
  }

  /** A cached value depends on the request, and there is no request. @param entry such as `Prices.price` */
  static forEntry(entry: string, owner?: string): NoLeaseScopeError {
    return new NoLeaseScopeError(
      `${describeName(entry)} needs a request (its option "by" asks one), and ${describeName(owner ?? 'the code now running')} belongs to none. ` +
        `Call it in a request; elsewhere load what it loads with a key that you know.`,
      undefined,
      owner,
    );
  }

  /** There is a scope, and it has not acquired this type. */
  static notAcquired(type: string, owner: string): NoLeaseScopeError {
    return new NoLeaseScopeError(
      `${describeName(owner)} read the resource of "${describeName(type)}" before it was acquired. Call "await acquire()" first; ` +
        `only a handler parameter is acquired beforehand.`,
      type,
      owner,
    );
  }
}
