import { Controller, Get, Inject, Injectable, Scope } from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  REQUEST,
} from '@nestjs/core';
import type { Trial } from '../../trial.js';

const tenants = new Map<string, ContextId>();
const attached: unknown[] = [];
let serial = 0;

class TenantStrategy implements ContextIdStrategy {
  attach(
    contextId: ContextId,
    request: { headers?: Record<string, string> },
  ): ReturnType<ContextIdStrategy['attach']> {
    const tenant = request.headers?.['x-tenant'] ?? 'nobody';
    attached.push({ tenant, keys: Object.keys(request).includes('headers') });
    let subTree = tenants.get(tenant);
    if (subTree === undefined) {
      subTree = { id: tenants.size + 1 };
      tenants.set(tenant, subTree);
    }
    const tree = subTree;
    return {
      resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tree : contextId),
      payload: { tenant },
    };
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class PerTenant {
  readonly number = ++serial;
  constructor(@Inject(REQUEST) readonly payload: { tenant: string }) {}
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly number = ++serial;
  constructor(
    @Inject(REQUEST) readonly request: { url?: string },
    readonly tenant: PerTenant,
  ) {}
}

@Controller({ path: 'durable', scope: Scope.REQUEST, durable: true })
class Durable {
  readonly number = ++serial;
  constructor(private readonly tenant: PerTenant) {}

  @Get()
  get(): object {
    return { number: this.number, tenant: this.tenant.number, payload: this.tenant.payload };
  }
}

@Controller('mixed')
class Mixed {
  constructor(private readonly own: PerRequest) {}

  @Get()
  get(): object {
    return { own: this.own.number, url: this.own.request.url, tenant: this.own.tenant.number };
  }
}

/** Durable providers: one tree for each tenant, kept over requests. */
export default async function durableScopes(trial: Trial): Promise<unknown> {
  tenants.clear();
  attached.length = 0;
  serial = 0;
  ContextIdFactory.apply(new TenantStrategy());
  const metadata = { controllers: [Durable, Mixed], providers: [PerTenant, PerRequest] };
  try {
    return await trial.ask(metadata, async (client) => {
      const answers: unknown[] = [];
      for (const path of ['/durable', '/mixed']) {
        for (const tenant of ['acme', 'globex', 'acme']) {
          answers.push(await client.get(path, { 'x-tenant': tenant }));
        }
      }
      return { answers, attached };
    });
  } finally {
    ContextIdFactory.apply({ attach: (contextId: ContextId) => () => contextId });
  }
}
