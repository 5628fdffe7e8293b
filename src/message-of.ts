import { inspect } from 'node:util';

/** What was thrown as text, whatever it was. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.message !== '' ? thrown.message : inspect(thrown);
}
