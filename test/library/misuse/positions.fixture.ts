import { Cached, Evicts, PooledResource, ResourceFactory } from 'nestjs-resources';
import type { Misuse } from './misuse.fixture.js';

/** A decorator where TypeScript would refuse it. */
const anywhere = (decorator: unknown): ((...place: unknown[]) => void) =>
  decorator as (...place: unknown[]) => void;

const pooled = anywhere(PooledResource('pg'));
const cached = anywhere(Cached());

class Standard {
  lease: unknown;
}

/** Where decorators stand, as far as they see it themselves. */
export const POSITIONS: readonly Misuse[] = [
  {
    misuse: "`@PooledResource('pg')` on a class",
    attempt: () => {
      @pooled
      class OrdersService {}
      return OrdersService;
    },
    message: `"@PooledResource('pg') of OrdersService (class)" does nothing there. Put it on a constructor parameter, a property, or a parameter of a handler.`,
    remedy: 'a constructor parameter, a property or a parameter of a handler',
  },
  {
    misuse: "`@PooledResource('pg')` on a method",
    attempt: () => {
      class OrdersController {
        @pooled
        find(): void {}
      }
      return OrdersController;
    },
    message: `"@PooledResource('pg') of OrdersController.find (method)" does nothing there. Put it on a constructor parameter, a property, or a parameter of a handler.`,
    remedy: 'a parameter of the method',
  },
  {
    misuse: "`@PooledResource('pg')` on a getter",
    attempt: () => {
      class OrdersService {
        @pooled
        get pg(): unknown {
          return undefined;
        }
      }
      return OrdersService;
    },
    message: `"@PooledResource('pg') of OrdersService.pg (accessor)" does nothing there. Put it on a constructor parameter, a property, or a parameter of a handler.`,
    remedy: 'a property',
  },
  {
    misuse: "`@PooledResource('pg')` on a static property",
    attempt: () => {
      class OrdersService {
        @pooled
        static pg: unknown;
      }
      return OrdersService;
    },
    message: `"@PooledResource('pg') of OrdersService.pg (static)" does nothing there. Put it on a constructor parameter, a property, or a parameter of a handler.`,
    remedy: 'a property of the instance',
  },
  {
    misuse: "`@PooledResource('pg')` on a parameter of a static method",
    attempt: () => {
      class OrdersService {
        static find(@pooled _pg: unknown): void {}
      }
      return OrdersService;
    },
    message: `"@PooledResource('pg') of OrdersService.find (static)" does nothing there. Put it on a constructor parameter, a property, or a parameter of a handler.`,
    remedy: 'a parameter of a handler',
  },
  {
    misuse: "`@PooledResource('sftp') @PooledResource('pg')` on one parameter",
    attempt: () => {
      class OrdersController {
        find(@PooledResource('sftp') @PooledResource('pg') _pg: unknown): void {}
      }
      return OrdersController;
    },
    message: `"@PooledResource('sftp') of OrdersController.find (parameter 0)" stands where there is one already, and only one can take effect. Remove one of the two.`,
    remedy: 'a parameter for each',
  },
  {
    misuse: 'compiled without `experimentalDecorators`',
    attempt: () => pooled(undefined, { kind: 'field', name: 'lease', static: false }, Standard),
    message: `"@PooledResource('pg') of lease" was compiled as a standard decorator, which neither Nest nor this package can use. Set "experimentalDecorators" in tsconfig.json.`,
    remedy: '`"experimentalDecorators": true`, as Nest needs it, too',
  },
  {
    misuse: '`@Cached()` on a getter',
    attempt: () => {
      class PricesService {
        @cached
        get all(): unknown {
          return undefined;
        }
      }
      return PricesService;
    },
    message:
      '"@Cached() of PricesService.all (accessor)" does nothing there. Put it on a method of a provider, and not a static one.',
    remedy: 'a method',
  },
  {
    misuse: '`@Cached()` on a static method',
    attempt: () => {
      class PricesService {
        @cached
        static async all(): Promise<void> {}
      }
      return PricesService;
    },
    message:
      '"@Cached() of PricesService.all (static)" does nothing there. Put it on a method of a provider, and not a static one.',
    remedy: 'a method of the instance',
  },
  {
    misuse: '`@Cached()` on a property, such as one with an arrow function',
    attempt: () => {
      class PricesService {
        @cached
        all = async (): Promise<void> => undefined;
      }
      return PricesService;
    },
    message:
      '"@Cached() of PricesService.all (property)" does nothing there. Put it on a method of a provider, and not a static one.',
    remedy: 'a method',
  },
  {
    misuse: '`@Cached()` on a class',
    attempt: () => {
      @cached
      class PricesService {}
      return PricesService;
    },
    message:
      '"@Cached() of PricesService (class)" does nothing there. Put it on a method of a provider, and not a static one.',
    remedy: 'each of its methods',
  },
  {
    misuse: '`@Cached()` twice on one method',
    attempt: () => {
      class PricesService {
        @Cached({ ttl: '1m' })
        @Cached({ tags: ['prices'] })
        async all(): Promise<void> {}
      }
      return PricesService;
    },
    message:
      '"@Cached() of PricesService.all (method)" stands where there is one already, and only one can take effect. Remove one of the two.',
    remedy: "`@Cached({ ttl: '1m', tags: ['prices'] })`",
  },
  {
    misuse: '`@Evicts()` twice on one method',
    attempt: () => {
      class PricesService {
        @Evicts({ tags: ['a'] })
        @Evicts({ tags: ['b'] })
        async change(): Promise<void> {}
      }
      return PricesService;
    },
    message:
      '"@Evicts() of PricesService.change (method)" stands where there is one already, and only one can take effect. Remove one of the two.',
    remedy: "`@Evicts({ tags: ['a', 'b'] })`",
  },
  {
    misuse: "`@ResourceFactory('sftp')` on a method",
    attempt: () => {
      class SftpFactory {
        @anywhere(ResourceFactory('sftp'))
        create(): void {}
      }
      return SftpFactory;
    },
    message: `"@ResourceFactory('sftp') of SftpFactory.create (method)" does nothing there. Put it on a class.`,
    remedy: 'the class',
  },
  {
    misuse: '`@ResourceFactory()` twice on one class',
    attempt: () => {
      @ResourceFactory('ftp')
      @ResourceFactory('sftp')
      class SftpFactory {}
      return SftpFactory;
    },
    message: `"@ResourceFactory('ftp') of SftpFactory (class)" stands where there is one already, and only one can take effect. Remove one of the two.`,
    remedy: 'a class, or a subclass, for each type',
  },
];
