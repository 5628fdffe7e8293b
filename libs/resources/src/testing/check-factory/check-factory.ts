import { Secrets } from '../../pool/creation/secrets.js';
import { checkIsFactory, handleOf, type ResourceFactory } from '../../pool/factory/resource-factory.js';
import {
  type CheckedFactory,
  type CheckFactoryOptions,
  readCheckFactoryOptions,
} from './check-factory-options.js';
import { checkAborts } from './checks/abort-check.js';
import { checkCreation } from './checks/creation-check.js';
import { checkKill } from './checks/kill-check.js';
import { checkReset } from './checks/reset-check.js';
import { checkSilence } from './checks/silence-check.js';
import type { FactoryCheck, FactoryReport } from './factory-report.js';
import { FactoryTrial } from './factory-trial.js';
import { UnsafeFactoryError } from './unsafe-factory-error.js';

/**
 * Tries a factory against its real server, in a test of any framework: it creates, aborts creations at random moments, has resources
 * killed and the network silenced, resets after a borrower that failed, and destroys. All that a safe factory opens is closed
 * afterwards, and whatever dies is noticed.
 *
 * @param factory a definition of a pooled, keyed or cached type, or an instance of a factory's class
 * @returns what was tried
 * @throws UnsafeFactoryError that lists what was left behind, or not done
 * @throws InvalidOptionsError for a factory or an option that cannot work; whatever a hook of the options throws
 */
export async function checkFactory<T>(
  factory: CheckedFactory<T>,
  options: CheckFactoryOptions<T>,
): Promise<FactoryReport> {
  checkIsFactory(factory, 'factory', 'factory');
  const settings = readCheckFactoryOptions(factory, options);
  const { kill, silence, spoil, seed } = settings;
  const trial = new FactoryTrial(withCredentials(factory, settings.secret), settings);
  const checks: FactoryCheck[] = ['create', 'destroy', 'abort'];
  try {
    await trial.begin();
    await checkCreation(trial);
    await checkAborts(trial);
    if (spoil !== undefined) {
      await checkReset(trial, spoil);
      checks.push('reset');
    }
    if (kill !== undefined) {
      await checkKill(trial, kill);
      checks.push('kill');
    }
    if (silence !== undefined) {
      await checkSilence(trial, silence);
      checks.push('silence');
    }
  } finally {
    await trial.end();
  }
  trial.expectNoneUnheard();
  if (trial.findings.length > 0) throw new UnsafeFactoryError(trial.findings, seed);
  return { seed, checks };
}

/** A factory whose `create` is told its credentials as a pool tells them. */
function withCredentials<T>(factory: CheckedFactory<T>, secret?: () => unknown): ResourceFactory<T> {
  const own = 'pool' in factory ? factory.pool?.credentials : undefined;
  const credentials = secret === undefined ? own : { ...own, secret };
  return credentials === undefined ? factory : Secrets.handleOf(handleOf(factory), credentials);
}
