import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { OrdersModule } from '../orders/orders.module.js';
import { NightlyReport } from './nightly-report.js';

@Module({ imports: [ScheduleModule.forRoot(), OrdersModule], providers: [NightlyReport] })
export class ReportsModule {}
