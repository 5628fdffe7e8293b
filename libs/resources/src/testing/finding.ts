/** One thing that what was tried does not do, or leaves behind. @typeParam Check the parts of what is tried */
export interface Finding<Check extends string> {
  /** In which part. */
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

/** As a message goes on with them, a paragraph each. */
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
