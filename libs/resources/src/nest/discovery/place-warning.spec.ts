import {
  type DynamicModule,
  forwardRef,
  Global,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnModuleDestroy,
  Optional,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { PooledResource } from '../decorators/pooled-resource.decorator.js';
import { ResourcesModule } from '../resources.module.js';

type ModuleImport = NonNullable<ModuleMetadata['imports']>[number];

const root = (): DynamicModule => ResourcesModule.forRoot({ resources: { pg: { create: () => ({}) } } });

/** What is said at the warning level when an application with such a root module starts. */
async function warningsOf(metadata: ModuleMetadata, starts = 1): Promise<string[]> {
  @Module(metadata)
  class AppModule {}
  const said: string[] = [];
  const silent = (): void => undefined;
  const logger = { log: silent, error: silent, warn: (line: unknown) => void said.push(String(line)) };
  for (let i = 0; i < starts; i++) {
    const context = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
    await context.close();
  }
  return said;
}

@Injectable()
class Audit implements OnModuleDestroy {
  constructor(readonly coordinator: ResourceCoordinator) {}

  onModuleDestroy(): void {}
}

@Injectable()
class Ledger implements OnModuleDestroy {
  @PooledResource('pg') readonly pg!: object;

  onModuleDestroy(): void {}
}

@Injectable()
class Settings implements OnModuleDestroy {
  constructor(@Optional() readonly given?: object) {}

  onModuleDestroy(): void {}
}

@Injectable()
class Orders {
  constructor(readonly coordinator: ResourceCoordinator) {}
}

@Injectable()
class Injected extends Settings {
  @Inject(ResourceCoordinator) readonly coordinator!: object;
}

@Injectable()
class Untyped extends Settings {
  constructor(@Inject(ResourceCoordinator) readonly coordinator: unknown) {
    super();
  }
}

@Injectable()
class Seeder extends Settings {
  constructor(readonly orders: Orders) {
    super();
  }
}

@Module({ providers: [Orders], exports: [Orders] })
class OrdersModule {}

@Global()
@Module({ imports: [OrdersModule], providers: [Seeder] })
class SeedingModule {}

@Module({ imports: [root()] })
class GivenLater {}

@Global()
@Module({ providers: [Audit] })
class AuditModule {}

@Global()
@Module({ providers: [Ledger] })
class LedgerModule {}

@Global()
@Module({ providers: [Settings, Orders] })
class SettingsModule {}

@Module({ providers: [Audit] })
class LocalModule {}

describe('ResourcesModule in a place that was not meant', () => {
  it('is told when a module imports it that is not the root', async () => {
    @Module({ imports: [root()] })
    class DatabaseModule {}
    expect(await warningsOf({ imports: [DatabaseModule] })).toEqual([
      'ResourcesModule is imported by DatabaseModule, and not by the root module. Import it in AppModule, and first: ' +
        'then Nest starts it before, and stops it after, whatever borrows.',
    ]);
  });

  it('is told when a dynamic module imports it', async () => {
    @Module({})
    class DatabaseModule {
      static forRoot(): DynamicModule {
        return { module: DatabaseModule, imports: [root()] };
      }
    }
    const [said] = await warningsOf({ imports: [DatabaseModule.forRoot()] });
    expect(said).toContain('imported by DatabaseModule, and not by the root module');
  });

  it.each([
    ['its class injects the coordinator', AuditModule, 'AuditModule', 'Audit'],
    ['its class asks for a lease', LedgerModule, 'LedgerModule', 'Ledger'],
  ])(
    'is told when a global module with hooks comes first that borrows: %s',
    async (_, module, name, borrower) => {
      expect(await warningsOf({ imports: [module, root()] })).toEqual([
        `${name} is global and comes before ResourcesModule: Nest starts ${borrower} before what it borrows, and stops it after. ` +
          `Import ResourcesModule.forRoot() before it, or don't make ${name} global.`,
      ]);
    },
  );

  it.each<[string, Provider[], string]>([
    ['a property', [Injected], 'Injected'],
    ['a token', [Untyped], 'Untyped'],
    [
      'a factory function',
      [
        {
          provide: 'SEEDS',
          useFactory: (given: object) => new Settings(given),
          inject: [ResourceCoordinator],
        },
      ],
      'SEEDS',
    ],
    ['another class of the same module', [Orders, Seeder], 'Seeder'],
  ])(
    'is told, too, when the borrower is given what it borrows with by %s',
    async (_, providers, borrower) => {
      const [said, ...more] = await warningsOf({
        imports: [{ module: class SeedModule {}, global: true, providers }, root()],
      });
      expect(said).toContain(`Nest starts ${borrower} before what it borrows`);
      expect(more).toEqual([]);
    },
  );

  it.each<[string, ModuleImport]>([
    ['a promise', Promise.resolve(root())],
    ['a forward reference', forwardRef(() => GivenLater)],
  ])('is told when a module that is not the root imports it by %s', async (_, imported) => {
    @Module({ imports: [imported] })
    class DatabaseModule {}
    const [said] = await warningsOf({ imports: [DatabaseModule] });
    expect(said).toMatch(/^ResourcesModule is imported by (DatabaseModule|GivenLater), and not by the root/);
  });

  it.each<[string, ModuleImport]>([
    ['a promise', Promise.resolve(root())],
    ['a definition', root()],
  ])('is not told of when the root module imports it by %s', async (_, imported) => {
    expect(await warningsOf({ imports: [imported] })).toEqual([]);
  });

  it.each<[string, (imported: ModuleImport) => ModuleImport]>([
    ['a dynamic module', (imported) => ({ module: class OrdersModule {}, imports: [imported] })],
    ['a promise of one', async (imported) => ({ module: class OrdersModule {}, imports: [imported] })],
    [
      'a decorated one that awaits it',
      (imported) => {
        @Module({ imports: [Promise.resolve(imported as DynamicModule)] })
        class OrdersModule {}
        return OrdersModule;
      },
    ],
  ])('is refused as the second, or without options, by the name of %s', async (_, importing) => {
    const imports = (imported: ModuleImport): ModuleMetadata => ({ imports: [root(), importing(imported)] });
    await expect(warningsOf(imports(root()))).rejects.toThrow(
      'is imported 2 times, by AppModule and OrdersModule',
    );
    await expect(warningsOf(imports(ResourcesModule))).rejects.toThrow(
      'is imported without options, by OrdersModule',
    );
  });

  it('is told once for each application', async () => {
    expect(await warningsOf({ imports: [AuditModule, root()] }, 2)).toHaveLength(2);
  });

  it.each([
    ['behind a global module that only has hooks, and one that only borrows', [SettingsModule, root()]],
    ['behind a module that is not global', [LocalModule, root()]],
    ['behind a global module with hooks that asks another module, which borrows', [SeedingModule, root()]],
    ['before a global module that borrows', [root(), AuditModule, LedgerModule]],
  ])('is not told of %s', async (_, imports) => {
    expect(await warningsOf({ imports })).toEqual([]);
  });

  it('is not told when the root module imports it, too', async () => {
    const one = root();
    @Module({ imports: [one] })
    class DatabaseModule {}
    expect(await warningsOf({ imports: [one, DatabaseModule] })).toEqual([]);
  });

  it('is not told of in a test, whose root module is none', async () => {
    @Module({ imports: [AuditModule, root()] })
    class AppModule {}
    const said: string[] = [];
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const silent = (): void => undefined;
    builder.setLogger({ log: silent, error: silent, warn: (line: unknown) => void said.push(String(line)) });
    const module = await builder.compile();
    await module.init();
    await module.close();
    expect(said).toEqual([]);
  });

  it('is not told when the module logs nothing', async () => {
    @Module({ imports: [ResourcesModule.forRoot({ logging: false })] })
    class DatabaseModule {}
    expect(await warningsOf({ imports: [DatabaseModule] })).toEqual([]);
  });
});
