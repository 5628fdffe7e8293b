import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { OrdersModule } from '../orders/orders.module.js';
import { ReportsController } from './reports.controller.js';
import { StatementFactory } from './statement.factory.js';
import { TotalsReport } from './totals-report.js';

@Module({
  imports: [ScheduleModule.forRoot(), OrdersModule],
  controllers: [ReportsController],
  providers: [TotalsReport, StatementFactory],
})
export class ReportsModule {}
