import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { scopeOfWork } from '../../nest/contexts/work-contexts.js';
import { OWN_NAME } from '../../options/option-reader.js';
import { markHangUp } from './hang-up-marks.js';

/** Lets everybody in, before anything of a handler borrows. */
class HangUpGuard implements CanActivate {
  constructor(private readonly cancels: boolean) {}

  canActivate(context: ExecutionContext): boolean {
    const scope = scopeOfWork(context);
    if (scope !== undefined) markHangUp(scope, this.cancels);
    return true;
  }
}

/**
 * Of a handler, or of all handlers of a controller: a statement that runs for it is cancelled on the server when its client hangs up, whatever `cancel.onHangUp`
 * of the resource types says. A handler's own goes before its controller's.
 *
 * @param cancels false to leave its statements alone. Default true
 * @throws InvalidOptionsError if it is neither true nor false
 */
export function CancelOnHangUp(cancels = true): MethodDecorator & ClassDecorator {
  return UseGuards(new HangUpGuard(OWN_NAME.flag('@CancelOnHangUp()', cancels, true)));
}
