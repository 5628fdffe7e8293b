import type { ArgumentsHost } from '@nestjs/common';
import type { CreateCachedContext } from 'nestjs-resources';

/** A tenant's client, as far as a test needs one. */
export class TenantClient {
  destroyed = 0;
  constructor(readonly tenant: string) {}

  ask(): string {
    if (this.destroyed > 0) throw new Error(`the client of ${this.tenant} is closed`);
    return this.tenant;
  }
}

/** Makes tenants' clients, and knows how many live. */
export class TenantClients {
  readonly made: TenantClient[] = [];
  private gone = 0;
  /** Most that lived at any time. */
  most = 0;

  get alive(): number {
    return this.made.length - this.gone;
  }

  async create({ key, signal }: CreateCachedContext): Promise<TenantClient> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    if (key.endsWith('unreachable')) throw new Error('no such database');
    const client = new TenantClient(key);
    this.made.push(client);
    this.most = Math.max(this.most, this.alive);
    return client;
  }

  async destroy(client: TenantClient): Promise<void> {
    client.destroyed++;
    await new Promise((resolve) => setImmediate(resolve));
    this.gone++;
  }
}

interface TenantRequest {
  headers: Record<string, string | undefined>;
}

export const tenantOf = (context: ArgumentsHost): string =>
  context.switchToHttp().getRequest<TenantRequest>().headers['x-tenant'] ?? '';
