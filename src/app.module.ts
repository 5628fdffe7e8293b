import { Global, Module, StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { ResourcesModule } from 'nestjs-resources';
import { DatabaseUrl } from './database/database-url.js';
import { DatabaseModule } from './database/database.module.js';
import { pgSessions, zonedPgSessions } from './database/pg-sessions.js';
import { DrillsModule } from './drills/drills.module.js';
import { HealthModule } from './health/health.module.js';
import { OrderReportModule } from './order-report/order-report.module.js';
import { reportProcessor } from './order-report/report-processor.js';
import { NotesModule } from './notes/notes.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { ResourcesViewModule } from './resources/resources-view.module.js';
import { Settings } from './settings.js';

@Global()
@Module({})
export class AppModule {
  static create(settings: Settings, databaseUrl: DatabaseUrl): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ResourcesModule.forRootAsync({
          inject: [DatabaseUrl],
          useFactory: (database: DatabaseUrl) => ({
            resources: { pg: pgSessions(database, settings), zonedPg: zonedPgSessions(database) },
            processors: { report: reportProcessor(settings) },
            announceFor: settings.announceFor,
            drainTimeout: '10s',
            admin: { socket: settings.adminSocket },
          }),
        }),
        DatabaseModule.connectedTo(databaseUrl),
        OrdersModule,
        NotesModule,
        OrderReportModule,
        ReportsModule,
        DrillsModule,
        ResourcesViewModule,
        HealthModule,
      ],
      providers: [
        { provide: Settings, useValue: settings },
        { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
      ],
      exports: [Settings],
    };
  }
}
