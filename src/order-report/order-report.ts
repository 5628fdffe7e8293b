import { Injectable } from '@nestjs/common';
import { type LeaseContext, PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Processor } from 'nestjs-resources/processors';
import type { Client } from 'pg';
import { readInBatches } from '../database/read-in-batches.js';
import { tenantOf } from '../database/tenant-of.js';
import { ORDER_COLUMNS, type Order } from '../orders/order.js';
import type { ReportEvent } from './render-report.js';
import type { ReportRequest } from './report-request.schema.js';
import type * as worker from './report.worker.js';

const BATCH_SIZE = 1_000;

/**
 * Has reports rendered where nobody else waits. The request has a processor first, and refuses what there is none for before it costs
 * anything; then a session, until the orders have been handed over, a batch at a time; then only the processor computes.
 */
@Injectable()
export class OrderReport {
  constructor(
    @PooledResource('report', { tenant: askerOf })
    private readonly processor: ScopedLease<Processor<typeof worker>>,
    @PooledResource('pg') private readonly pg: ScopedLease<Client>,
  ) {}

  /** Both leases are the request's. A reader who hangs up ends whatever is on: the wait, the query, the computation. */
  async events({ title, last }: ReportRequest): Promise<AsyncIterable<ReportEvent>> {
    const processor = await this.processor.acquire();
    await processor.run('open');
    for await (const orders of latestOrders(await this.pg.acquire(), last)) {
      await processor.run('add', orders);
    }
    await this.pg.release();
    return processor.run('render', title);
  }
}

/** The latest orders, in batches. */
export function latestOrders(client: Client, last: number): AsyncGenerator<Order[]> {
  const query = `SELECT ${ORDER_COLUMNS} FROM orders ORDER BY id DESC LIMIT ${last}`;
  return readInBatches<Order>(client, query, BATCH_SIZE);
}

/** For whom a report is, so that one who asks for many keeps nobody else waiting. */
function askerOf({ request }: LeaseContext): string {
  return tenantOf(request) ?? 'anybody';
}
