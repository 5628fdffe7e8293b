/**
 * What a loan may have left in its session, by what it takes to undo it. Each level takes more than the ones before it, so the highest of
 * several says what to do.
 */
export const LEFT = {
  nothing: 0,
  /** The values that `currval` and `lastval` return. `DISCARD SEQUENCES` undoes it. */
  sequences: 1,
  /** Settings, subscriptions, locks, prepared statements, temporary tables and the like. `DISCARD ALL` undoes them. */
  state: 2,
  /** Perhaps state, perhaps something lasting: the text doesn't show it. */
  unknown: 3,
  /** What no statement undoes. */
  lasting: 4,
} as const;

export type Left = (typeof LEFT)[keyof typeof LEFT];

/** The higher of two levels. */
export function mostOf(one: Left, other: Left): Left {
  return one > other ? one : other;
}
