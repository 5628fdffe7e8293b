import { AsyncLocalStorage } from 'node:async_hooks';
import type { Unit } from './unit.js';
import { watch } from './watch.js';

/** A storage of the application's own, as nestjs-cls or a tracer has one. It holds the unit's number. */
export const ownContext = new AsyncLocalStorage<number>();

/** What the application has put into its own storage is found there again: whatever the library does with its own. */
export function checkContext(unit: Unit, where: string): void {
  const found = ownContext.getStore();
  if (found === unit.plan.id) return;
  if (found === undefined && !keepsContext(unit)) return;
  if (losesContext(unit)) return; // without the library, too
  watch.violated('context', `${where} of ${unit.mark} finds the context of ${String(found)}`, unit);
}

/** Nobody's work: a hook, a load. */
export function checkNoContext(where: string): void {
  const found = ownContext.getStore();
  if (found !== undefined)
    watch.violated('hook', `${where} runs in the context of ${found}`, watch.find(found));
}

/** Whether the plan gives the application's own context away after it was entered: Fastify runs middleware before hooks. */
function losesContext({ plan }: Unit): boolean {
  return plan.losses.some((loss) => loss === 'interceptor' || loss === 'hook' || loss === 'platform');
}

/** The second application has no middleware to enter in, and Fastify reads bodies in another context. */
function keepsContext({ plan, application }: Unit): boolean {
  return application === 0 && plan.bytes === 0;
}
