/** One thing that does not hold of what was checked. @typeParam Check the names of the checks */
export interface Finding<Check extends string> {
  /** The check that has found it. */
  readonly check: Check;
  /** What was done. */
  readonly done: string;
  /** What should come of it. */
  readonly expected: string;
  /** What came of it. */
  readonly found: string;
  /** What to change. */
  readonly remedy: string;
}

/** Findings for the end of a message, a paragraph each. */
export function tellFindings(findings: readonly Finding<string>[]): string {
  return findings.map(tell).join('');
}

function tell({ check, done, expected, found, remedy }: Finding<string>, index: number): string {
  return (
    `\n${index + 1}. ${check}: ${done}.` +
    `\n   expected: ${expected}` +
    `\n   found:    ${found}` +
    `\n   to do:    ${remedy}`
  );
}
