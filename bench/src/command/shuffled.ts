/** @param random numbers from 0 to 1 */
export function shuffled<V>(values: readonly V[], random: () => number = Math.random): V[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
