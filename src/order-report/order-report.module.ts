import { Module } from '@nestjs/common';
import { OrderReportController } from './order-report.controller.js';
import { OrderReport } from './order-report.js';

@Module({ controllers: [OrderReportController], providers: [OrderReport] })
export class OrderReportModule {}
