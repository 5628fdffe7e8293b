/** Most sessions of every pool. */
export const SESSIONS = 10;
