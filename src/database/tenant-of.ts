import type { IncomingHttpHeaders } from 'node:http';

/** The tenant that a request names in its header, if it does. To check that it is true would be the business of a guard. */
export function tenantOf(request: unknown): string | undefined {
  const { headers } = (request ?? {}) as { headers?: IncomingHttpHeaders };
  return headers?.['x-tenant']?.toString() || undefined;
}
