import { Module, type DynamicModule } from '@nestjs/common';
import { DatabaseUrl } from './database-url.js';
import { PgFactory } from './pg.factory.js';

@Module({})
export class DatabaseModule {
  static connectedTo(databaseUrl: DatabaseUrl): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: DatabaseUrl, useValue: databaseUrl }, PgFactory],
    };
  }
}
