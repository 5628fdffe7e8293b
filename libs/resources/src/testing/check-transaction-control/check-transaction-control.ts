import { checkIsFactory, type ResourceFactory } from '../../pool/factory/resource-factory.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { type CheckTransactionControlOptions, readCheckControlOptions } from './check-control-options.js';
import { checkCommit } from './checks/commit-check.js';
import { checkConflict } from './checks/conflict-check.js';
import { checkEffect } from './checks/effect-check.js';
import { checkFailure } from './checks/failure-check.js';
import { checkLostAnswer } from './checks/lost-answer-check.js';
import { checkRollback } from './checks/rollback-check.js';
import { checkSavepoints } from './checks/savepoint-check.js';
import { checkTerms } from './checks/terms-check.js';
import type { ControlCheck, ControlReport } from './control-report.js';
import { ControlTrial } from './control-trial.js';
import { UnsafeTransactionControlError } from './unsafe-control-error.js';

/**
 * Checks a control of transactions against its real database, in a test of any framework: what is reported as committed is there, what was rolled
 * back is not, a transaction has the terms that were asked for or is refused, and an outcome that nobody can know is reported as unknown.
 *
 * @param factory with the control as its `transactions`: a definition, or an instance of a factory's class
 * @returns what was tried
 * @throws UnsafeTransactionControlError that lists what did not hold
 * @throws InvalidOptionsError for a factory or an option that cannot work; whatever `create` or a hook of the options throws
 */
export async function checkTransactionControl<T>(
  factory: ResourceFactory<T>,
  options: CheckTransactionControlOptions<T>,
): Promise<ControlReport> {
  checkIsFactory(factory, 'factory', 'factory');
  const { transactions: control } = factory;
  if (control === undefined)
    throw new InvalidOptionsError('factory.transactions', 'is needed: it is what is tried.');
  const settings = readCheckControlOptions(options);
  const trial = new ControlTrial(factory, control, settings);
  const { fail, conflict, lose } = settings;
  const checks: ControlCheck[] = [];
  const check = async (
    name: ControlCheck,
    work: (trial: ControlTrial<T>) => Promise<void>,
  ): Promise<void> => {
    checks.push(name);
    await trial.check(work);
  };
  await check('commit', checkCommit);
  await check('rollback', checkRollback);
  await check('terms', checkTerms);
  if (fail !== undefined) await check('failure', (trial) => checkFailure(trial, fail));
  if (control.savepoint !== undefined) await check('savepoint', checkSavepoints);
  if (control.effectOf !== undefined) await check('effect', checkEffect);
  if (conflict !== undefined) await check('conflict', (trial) => checkConflict(trial, conflict));
  if (lose !== undefined) await check('lost answer', (trial) => checkLostAnswer(trial, lose));
  if (trial.findings.length > 0) throw new UnsafeTransactionControlError(trial.findings);
  return { checks, refused: trial.refused };
}
