/** Rooms of each floor, from the ground up. */
export const FLOORS: readonly (readonly string[])[];

/** What comes from outside, and the lowest room that may let it in. */
export const FROM_OUTSIDE: readonly {
  readonly name: string;
  /** A regular expression on what is imported. */
  readonly matches: string;
  readonly lowest: string;
  /** What to do instead. */
  readonly remedy: string;
}[];
