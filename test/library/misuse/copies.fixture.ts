import { Controller, Get, Injectable, type ModuleMetadata } from '@nestjs/common';
import type * as Library from 'nestjs-resources';
import { anotherCopy } from './another-copy.fixture.js';
import { create, type Misuse, start, startWith } from './misuse.fixture.js';

const ONE_COPY =
  'Run "npm ls nestjs-resources" to see who brings it, and make it one: by "npm dedupe", or as a peer dependency of yours.';
const MISUNDERSTOOD = `comes from another copy of nestjs-resources than ResourcesModule, which would misunderstand it. ${ONE_COPY}`;
const BOTH = `comes from another copy of nestjs-resources than ResourcesModule, and both are imported. ${ONE_COPY}`;
const REMEDY = 'one copy: `npm dedupe`, or `nestjs-resources` as a peer dependency';

const OPTIONS = { resources: { pg: { create } } };

/** Starts an application of this copy in which something comes from another one. */
const meeting = (metadata: (other: typeof Library) => ModuleMetadata) => async (): Promise<void> =>
  await startWith(OPTIONS, metadata(await anotherCopy()));

/** What two copies of the package, of whatever versions, make of one application. */
export const COPIES: readonly Misuse[] = [
  {
    misuse: '`@PooledResource()` of another copy, on a parameter of a constructor',
    attempt: meeting(({ PooledResource }) => {
      @Injectable()
      class OrdersService {
        constructor(@PooledResource('pg') readonly pg: Library.ScopedLease<object>) {}
      }
      return { providers: [OrdersService] };
    }),
    message: `"@PooledResource('pg') of OrdersService (constructor parameter 0)" ${MISUNDERSTOOD}`,
    remedy: REMEDY,
  },
  {
    misuse: '`@PooledResource()` of another copy, on a parameter of a handler',
    attempt: meeting(({ PooledResource }) => {
      @Controller()
      class OrdersController {
        @Get()
        find(@PooledResource('pg') _pg: Library.ScopedLease<object>): void {}
      }
      return { controllers: [OrdersController] };
    }),
    message: `"@PooledResource('pg') of OrdersController.find (parameter 0)" ${MISUNDERSTOOD}`,
    remedy: REMEDY,
  },
  {
    misuse: '`@Cached()` of another copy',
    attempt: meeting(({ Cached }) => {
      @Injectable()
      class PricesService {
        @Cached()
        async all(): Promise<string[]> {
          return [];
        }
      }
      return { providers: [PricesService] };
    }),
    message: `"@Cached() of PricesService.all" ${MISUNDERSTOOD}`,
    remedy: REMEDY,
  },
  {
    misuse: '`@ResourceFactory()` of another copy',
    attempt: meeting(({ ResourceFactory }) => {
      @ResourceFactory('sftp')
      class SftpFactory {
        create = create;
      }
      return { providers: [SftpFactory] };
    }),
    message: `"@ResourceFactory('sftp') of SftpFactory" ${MISUNDERSTOOD}`,
    remedy: REMEDY,
  },
  {
    misuse: '`forFeature()` of another copy',
    attempt: meeting(({ ResourcesModule }) => ({
      imports: [ResourcesModule.forFeature({ scanner: { create } })],
    })),
    message: `"ResourcesFeatureModule" ${BOTH}`,
    remedy: REMEDY,
  },
  {
    misuse: '`forRoot()` of both',
    attempt: meeting(({ ResourcesModule }) => ({ imports: [ResourcesModule.forRoot({})] })),
    message: `"ResourcesModule" ${BOTH}`,
    remedy: REMEDY,
  },
  {
    misuse: 'a decorator of this copy, and the module of another',
    attempt: async () => {
      const [{ PooledResource }, { ResourcesModule }] = [
        await import('nestjs-resources'),
        await anotherCopy(),
      ];
      @Injectable()
      class OrdersService {
        @PooledResource('pg') readonly pg!: Library.ScopedLease<object>;
      }
      await start({ imports: [ResourcesModule.forRoot(OPTIONS)], providers: [OrdersService] });
    },
    error: Error,
    message: `"@PooledResource('pg') of OrdersService.pg (property)" ${MISUNDERSTOOD}`,
    remedy: REMEDY,
  },
];
