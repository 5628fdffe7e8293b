/** Under this name, a result that is still being made says when it is: a promise that never rejects. What it needs is kept until then. */
export const WORK_OVER = Symbol('when the work is over');

/** When the work behind a result is over; `undefined` if it is over already. */
export function workOverOf(result: unknown): Promise<void> | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const over = Object.getOwnPropertyDescriptor(result, WORK_OVER)?.value as Promise<void> | undefined; // only ours know the name
  return over;
}
