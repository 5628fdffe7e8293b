import { Module } from '@nestjs/common';
import { OrderExport } from './order-export.js';
import { OrderImport } from './order-import.js';
import { OrdersController } from './orders.controller.js';
import { OrdersSchema } from './orders.schema.js';
import { OrdersService } from './orders.service.js';

@Module({
  controllers: [OrdersController],
  providers: [OrdersService, OrderImport, OrderExport, OrdersSchema],
  exports: [OrdersService],
})
export class OrdersModule {}
