import { Global, Module, type DynamicModule } from '@nestjs/common';
import { pgPoolProvider } from 'nestjs-resources/pg';
import { DatabaseUrl } from './database-url.js';
import { OrdersDb } from './orders-db.js';

@Global()
@Module({})
export class DatabaseModule {
  static connectedTo(databaseUrl: DatabaseUrl): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: DatabaseUrl, useValue: databaseUrl }, pgPoolProvider('pg'), OrdersDb],
      exports: [DatabaseUrl, OrdersDb],
    };
  }
}
