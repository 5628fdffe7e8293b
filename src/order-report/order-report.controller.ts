import { Body, Controller, Post } from '@nestjs/common';
import { OrderReport } from './order-report.js';
import type { ReportEvent } from './render-report.js';
import { type ReportRequest, reportRequest } from './report-request.schema.js';

@Controller('orders')
export class OrderReportController {
  constructor(private readonly report: OrderReport) {}

  /** A PDF, as NDJSON: how far it is, and its parts as they come. What fails before the first line is answered with its status. */
  @Post('report')
  create(@Body({ schema: reportRequest }) request: ReportRequest): Promise<AsyncIterable<ReportEvent>> {
    return this.report.events(request);
  }
}
