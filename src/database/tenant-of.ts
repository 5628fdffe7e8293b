import type { IncomingHttpHeaders } from 'node:http';

/** For whom a request is, if it says so. Whether that is true, a guard would have to know. */
export function tenantOf(request: unknown): string | undefined {
  const { headers } = (request ?? {}) as { headers?: IncomingHttpHeaders };
  return headers?.['x-tenant']?.toString() || undefined;
}
