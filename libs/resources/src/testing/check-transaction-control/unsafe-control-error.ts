import { ResourceError } from '../../errors/resource-error.js';
import { tellFindings } from '../finding.js';
import type { ControlFinding } from './control-report.js';

/** A control of transactions was checked against its database, and does not do all that it reports. */
export class UnsafeTransactionControlError extends ResourceError {
  /** @param findings in the order in which they were made, at least one */
  constructor(readonly findings: readonly ControlFinding[]) {
    super(`The control of transactions is not safe.${tellFindings(findings)}`);
  }
}
