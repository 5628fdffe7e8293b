export { SessionStateError } from '../errors/session-state-error.js';
export { UncleanSessionError, type UncleanReason } from '../errors/unclean-session-error.js';
export { pgResource } from './pg-resource.js';
export type { PgConnection, PgResourceOptions } from './pg-resource-options.js';
export type { ResetFunction } from './reset/reset-session.js';
import './pool/install.js';
export { getPgPoolToken, pgPoolProvider } from './pool/pg-pool-provider.js';
export type { PgPoolOptions } from './pool/pg-pool-options.js';
export { sqlStateEffect, type SqlStateEffect } from './sql-state.js';
