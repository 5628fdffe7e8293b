import { Body, Controller, Get, Header, NotFoundException, Param, Post, Req } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Client } from 'pg';
import { wholeNumber } from '../validation/whole-number.js';
import { orderDraft } from './order-draft.schema.js';
import { OrderExport } from './order-export.js';
import { OrderImport } from './order-import.js';
import { orderRows, type ImportRequest } from './order-rows.js';
import type { Order, OrderDraft } from './order.js';
import { OrdersService } from './orders.service.js';

const orderId = wholeNumber({ min: 1, max: 2_147_483_647 });

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly imports: OrderImport,
    private readonly exports: OrderExport,
  ) {}

  @Post()
  create(@Body({ schema: orderDraft }) draft: OrderDraft): Promise<Order> {
    return this.orders.create(draft);
  }

  @Post('import')
  import(@Req() request: ImportRequest, @Body() body: unknown): Promise<{ imported: number }> {
    return this.imports.run(orderRows(request, body));
  }

  @Get('export')
  @Header('Content-Type', 'application/x-ndjson')
  export(@PooledResource('pg') pg: ScopedLease<Client>): AsyncGenerator<string> {
    return this.exports.lines(pg.resource);
  }

  /** Asks both the handler's session and the service's who they are: they are one. */
  @Get('total')
  async total(@PooledResource('pg') pg: ScopedLease<Client>): Promise<object> {
    const { rows } = await pg.resource.query<{ backend: number }>('SELECT pg_backend_pid() AS backend');
    const handler = rows[0].backend;
    const { orders, total, backend: service } = await this.orders.total();
    return { orders, total, sameSession: handler === service, backends: { handler, service } };
  }

  @Get(':id')
  async find(@Param('id', { schema: orderId }) id: number): Promise<Order> {
    const order = await this.orders.find(id);
    if (order === undefined) {
      throw new NotFoundException(`there is no order ${id}`);
    }
    return order;
  }
}
