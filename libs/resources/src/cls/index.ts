export {
  transactionalAdapter,
  type ClsTransactionOptions,
  type TransactionalAdapterOptions,
} from './transactional-adapter.js';
