import type { LeaseContext } from 'nestjs-resources';

/** A resource of one tenant. */
export interface Account {
  tenant: string;
}

export interface TenantRequest {
  headers: Record<string, string | undefined>;
}

/** Borrows the account of the tenant whose request it is. */
export const byTenant = {
  key: ({ request }: LeaseContext<TenantRequest>): string => request.headers['x-tenant'] ?? '',
};
