import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { MarkdownDocument } from './document.fixture.js';

/** What borrowing comes to, by hook. */
const seen: Record<string, string> = {};

/** Borrows in every hook. */
class Borrower
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly coordinator: ResourceCoordinator) {}

  onApplicationBootstrap(): Promise<void> {
    return this.borrow('onApplicationBootstrap');
  }

  onModuleDestroy(): Promise<void> {
    return this.borrow('onModuleDestroy');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.borrow('beforeApplicationShutdown');
  }

  onApplicationShutdown(): Promise<void> {
    return this.borrow('onApplicationShutdown');
  }

  private async borrow(hook: string): Promise<void> {
    try {
      seen[hook] = await this.coordinator.use('thing', () => 'works');
    } catch (error) {
      seen[hook] = (error as Error).name;
    }
  }
}

@Module({
  imports: [ResourcesModule.forRoot({ resources: { thing: { create: () => ({}) } } })],
  providers: [
    {
      provide: Borrower,
      inject: [ResourceCoordinator],
      useFactory: (coordinator: ResourceCoordinator) => new Borrower(coordinator),
    },
  ],
})
class BorrowingModule {}

describe('the table of hooks', () => {
  const rows = new MarkdownDocument('docs/guide/shutdown.md')
    .tableUnder('Which hook does what')
    .map((row) => [row['hook'], row['borrowing in a hook of yours']])
    .filter(([, borrowing]) => borrowing !== 'not promised');

  beforeAll(async () => {
    const app = await NestFactory.createApplicationContext(BorrowingModule, { logger: false });
    await app.close();
  });

  it('says what borrowing comes to in each of them', () => {
    expect(rows).toEqual(Object.entries(seen));
  });
});
