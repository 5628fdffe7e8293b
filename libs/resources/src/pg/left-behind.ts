/**
 * What a loan may have left in its session, by what it takes to undo it. Each is more than those before it, so that the most of
 * several says what to do.
 */
export const LEFT = {
  nothing: 0,
  /** What `currval` and `lastval` tell. `DISCARD SEQUENCES` undoes it. */
  sequences: 1,
  /** Settings, subscriptions, locks, prepared statements, temporary tables and the like. `DISCARD ALL` undoes them. */
  state: 2,
  /** What can't be told from the text: state, or more than that. */
  unknown: 3,
  /** What no statement undoes. */
  lasting: 4,
} as const;

export type Left = (typeof LEFT)[keyof typeof LEFT];

export function mostOf(one: Left, other: Left): Left {
  return one > other ? one : other;
}
