/*
 * What is said over an admin socket. The server greets; the client then asks once, and is answered once. Each is one line of JSON. As
 * nothing is asked of a process that has not greeted, one that is frozen does not do later what its client no longer waits for.
 */

/** The version of all this; who speaks another is refused. */
export const PROTOCOL = 1;

/** The first line, from the server. */
export interface Greeting {
  protocol: number;
  pid: number;
  phase: string;
  /** Milliseconds that the process has run. */
  uptime: number;
}

export const COMMAND_NAMES = ['status', 'history', 'backup', 'diff', 'restore', 'rollback', 'drain'] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** The one line of the client. */
export interface AdminRequest {
  command: CommandName;
  /** Plain data; each command knows its own. */
  args: Readonly<Record<string, unknown>>;
}

/** Why there is no answer: it was `refused`, and nothing has changed; it `failed`; too many ask at once (`busy`). */
export type FailureCode = 'refused' | 'failed' | 'busy';

/** The last line, from the server. */
export type AdminAnswer =
  | { readonly answer: unknown; readonly failure?: undefined }
  | { readonly failure: { readonly code: FailureCode; readonly message: string } };
