import { ResourceError } from '../../errors/resource-error.js';
import { tellFindings } from '../finding.js';
import type { FactoryFinding } from './factory-report.js';

/** A factory was tried against its server, and something was left behind. */
export class UnsafeFactoryError extends ResourceError {
  /**
   * @param findings in the order in which they were made, at least one
   * @param seed of the random moments: given as `seed`, they come again
   */
  constructor(
    readonly findings: readonly FactoryFinding[],
    readonly seed: number,
  ) {
    super(`The factory is not safe (seed: ${seed}).${tellFindings(findings)}`);
  }
}
