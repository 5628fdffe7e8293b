/**
 * The versions of Nest that are promised: of each major the oldest that npm can install, the last of every minor, and so
 * the newest. Nest 12.0.0 is missing because its own packages don't agree about their peers.
 */
export const NESTS = [
  '11.0.0',
  '11.0.21',
  '11.1.29',
  '11.2.10',
  '12.0.1',
  '12.0.4',
  '12.1.3',
  '12.2.0',
  '12.3.3',
  '12.4.2',
  '12.5.1',
] as const;

/** The oldest, one in the middle (the last of Nest 11) and the newest: there, all features are tried. */
export const NESTS_WITH_ALL_FEATURES: readonly string[] = ['11.0.0', '11.2.10', '12.5.1'];
