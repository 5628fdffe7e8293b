import type { Processor } from 'nestjs-resources/processors';
import type { Client } from 'pg';
import type * as reportWorker from './order-report/report.worker.js';
import type { Statement } from './reports/statement.factory.js';

// From here on, the compiler refuses other names in decorators and calls. The build reads this file; nothing imports it.
declare module 'nestjs-resources' {
  interface ResourceTypes {
    pg: Client;
    zonedPg: Client;
    statement: Statement;
    report: Processor<typeof reportWorker>;
  }
}
