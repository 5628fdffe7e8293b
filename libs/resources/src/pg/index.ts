export { SessionStateError } from '../errors/session-state-error.js';
export { SessionBeginError } from '../errors/session-begin-error.js';
export { UncleanSessionError, type UncleanReason } from '../errors/unclean-session-error.js';
export type { LocalSettings } from './loans/local-settings.js';
export type { SessionContext, SessionState } from './loans/session-state.js';
export { pgResource } from './pg-resource.js';
export type { PgConnection, PgResourceOptions } from './pg-resource-options.js';
export type { ResetFunction } from './reset/reset-session.js';
export { sqlStateEffect, type SqlStateEffect } from './sql-state.js';
