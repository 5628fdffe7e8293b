import { ResourceError } from './resource-error.js';

/** A scoped lease was used where there is no request (or other unit of work) that could own it. */
export class NoLeaseScopeError extends ResourceError {
  /** @param place where it happened, when known: `OrdersController.find` */
  constructor(type: string, place?: string) {
    const where = place === undefined ? '' : ` in ${place}`;
    super(
      `There is no lease scope for "${type}"${where}. Inside a request: is ResourcesModule.forRoot() imported? ` +
        `Outside of one: wrap the work in coordinator.run(work, { owner }), or call use().`,
      { type, owner: place },
    );
  }
}
