import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DatabaseUrl } from './database-url.js';

@Global()
@Module({})
export class DatabaseModule {
  static connectedTo(databaseUrl: DatabaseUrl): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: DatabaseUrl, useValue: databaseUrl }],
      exports: [DatabaseUrl],
    };
  }
}
