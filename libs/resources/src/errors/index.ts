export { AcquireAbortedError } from './acquire-aborted-error.js';
export { AcquireTimeoutError } from './acquire-timeout-error.js';
export { CacheAbortedError } from './cache/cache-aborted-error.js';
export { CacheClosedError } from './cache/cache-closed-error.js';
export { CacheFullError } from './cache/cache-full-error.js';
export { CacheTimeoutError } from './cache/cache-timeout-error.js';
export { DeadlockError, type DeadlockLink } from './deadlock-error.js';
export { DependencyError } from './dependency-error.js';
export { GenerationRejectedError, type GenerationCheck } from './generation-rejected-error.js';
export { IllegalTransitionError } from './illegal-transition-error.js';
export { InvalidBackupError } from './invalid-backup-error.js';
export { InvalidOptionsError } from './invalid-options-error.js';
export { LeaseReleasedError } from './lease-released-error.js';
export { NoLeaseScopeError } from './no-lease-scope-error.js';
export { PoolClosedError } from './pool-closed-error.js';
export { PoolExhaustedError } from './pool-exhausted-error.js';
export { PoolOverloadedError } from './pool-overloaded-error.js';
export { PoolPausedError } from './pool-paused-error.js';
export { ProcessorAbortedError } from './processors/processor-aborted-error.js';
export { ProcessorCrashedError, type ThreadEnd } from './processors/processor-crashed-error.js';
export { ReconfigurationInProgressError } from './reconfiguration-in-progress-error.js';
export { ResourceCreationError } from './resource-creation-error.js';
export { ResourceError, UnavailableError } from './resource-error.js';
export { SessionBeginError } from './session-begin-error.js';
export { SessionStateError } from './session-state-error.js';
export { StatementCancelledError } from './pg/statement-cancelled-error.js';
export { StartTimeoutError } from './start-timeout-error.js';
export {
  ForeignTransactionError,
  type ForeignTransactionProblem,
} from './transactions/foreign-transaction-error.js';
export { TransactionEndedError } from './transactions/transaction-ended-error.js';
export { TransactionOutcomeUnknownError } from './transactions/transaction-outcome-unknown-error.js';
export {
  TransactionRefusedError,
  type TransactionRefusal,
} from './transactions/transaction-refused-error.js';
export {
  TransactionRolledBackError,
  type RollbackReason,
} from './transactions/transaction-rolled-back-error.js';
export { UncleanSessionError, type UncleanReason } from './unclean-session-error.js';
export { UndeclaredKeyError } from './undeclared-key-error.js';
export { UnknownResourceError } from './unknown-resource-error.js';
export { UnknownVersionError } from './unknown-version-error.js';
