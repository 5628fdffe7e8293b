import type { ArgumentsHost, Provider } from '@nestjs/common';
import { currentScope } from '../../scopes/current-scope.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import { HttpContext } from './http/http-context.js';
import type { WorkContext, WorkContextClass } from './work-context.js';

/** The kinds of work that are followed. Another one is a folder beside `http/`, and one more name here. */
const CLASSES: readonly WorkContextClass[] = [HttpContext];

/** The injection token of all {@link WorkContext}s. */
export const WORK_CONTEXTS = 'RESOURCES:CONTEXTS';

export const CONTEXT_PROVIDERS: readonly Provider[] = [
  ...CLASSES.flatMap((context) => [...context.providers, context]),
  {
    provide: WORK_CONTEXTS,
    useFactory: (...contexts: WorkContext[]): WorkContext[] => contexts,
    inject: [...CLASSES],
  },
];

/** The scope of the unit of work that somebody works for: as the arguments of the work tell, or else the ambient one. */
export function scopeOfWork(host: ArgumentsHost): LeaseScope | undefined {
  for (const context of CLASSES) {
    const scope = context.scopeOf(host);
    if (scope !== undefined) return scope;
  }
  return currentScope.getStore();
}
