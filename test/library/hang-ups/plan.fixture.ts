export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** Sessions of the pool. */
export const SESSIONS = 10;
/** How long one takes to be made, in milliseconds. */
export const CREATION = 50;

/** Paths whose work can be seen to its end, whatever becomes of the client. */
export const SEEN = [
  '/promise',
  '/service',
  '/use',
  '/middleware',
  '/stream',
  '/generator',
  '/throws',
] as const;
/** Paths whose work goes on unseen when nobody listens any more. */
export const UNSEEN = ['/observable', '/events'] as const;

/** What the application says of its sessions. */
export interface Count {
  created: number;
  leased: number;
  pending: number;
  /** Who began to work with a session while whom. */
  crossings: string[];
  /** Rejections and exceptions that nobody handled. */
  unhandled: string[];
}
