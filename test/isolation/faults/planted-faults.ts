/** A replacement of text in the built library. */
export interface Edit {
  /** Below `dist`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A fault that is put into a copy of the library, to see that the test finds it. */
export interface PlantedFault {
  readonly name: string;
  readonly description: string;
  readonly edits: readonly Edit[];
  /** Platforms on which it shows. Default: both. */
  readonly adapters?: readonly string[];
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [];
