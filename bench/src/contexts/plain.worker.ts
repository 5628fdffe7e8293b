/** A worker without Nest. */
export function price(amount: number): number {
  return amount * 2;
}
