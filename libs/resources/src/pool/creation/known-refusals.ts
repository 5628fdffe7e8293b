import { isObject } from '../../hooks/is-object.js';

/** What stands in the errors of well-known clients when their server has refused the credentials. */
const REFUSALS: Readonly<Record<string, readonly unknown[]>> = {
  // PostgreSQL; MySQL; SQL Server; MongoDB; SMTP and IMAP; Prisma
  code: ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR', 'ELOGIN', 18, 'EAUTH', 'P1000'],
  codeName: ['AuthenticationFailed'],
  level: ['client-authentication'], // SSH
  status: [401],
  statusCode: [401],
};

/** Redis; AMQP. */
const WORDS = /^(?:WRONGPASS|NOAUTH)\b|\bACCESS[-_]REFUSED\b/;

/** How deep the causes of an error are looked into. */
const DEPTH = 3;

/** Whether an error says that credentials were refused, as far as the errors of well-known clients do. It may be any value, and throw when it is read. */
export function isKnownRefusal(error: unknown): boolean {
  try {
    return saysRefusal(error, DEPTH);
  } catch {
    return false;
  }
}

/** @throws what reading it throws */
function saysRefusal(error: unknown, depth: number): boolean {
  if (!isObject(error)) return false;
  const says = Object.entries(REFUSALS).some(([name, values]) => values.includes(Reflect.get(error, name)));
  const message: unknown = Reflect.get(error, 'message');
  if (says || (typeof message === 'string' && WORDS.test(message))) return true;
  return depth > 0 && saysRefusal(Reflect.get(error, 'cause'), depth - 1);
}
