import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Cached, Evicts } from '../decorators/cached-method.js';
import { ResourcesModule } from '../resources.module.js';

const ended: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** Puts another function in the place of a method, as decorators for tracing or retries do. */
function Traced(): MethodDecorator {
  return (_target, _name, descriptor) => {
    const { value } = descriptor;
    if (typeof value !== 'function') return;
    const traced = function (this: unknown, ...args: unknown[]): unknown {
      return Reflect.apply(value, this, args);
    };
    Object.assign(descriptor, { value: traced });
  };
}

async function start<T>(provider: Type<T>): Promise<{ instance: T; warnings: string[] }> {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const logger = { log: ignore, error: ignore, warn: (line: unknown) => void warnings.push(String(line)) };
  const module = await Test.createTestingModule({
    imports: [ResourcesModule.forRoot({})],
    providers: [provider],
  })
    .setLogger(logger)
    .compile();
  await module.init();
  ended.push(() => module.close());
  return { instance: module.get(provider), warnings };
}

describe('a decorated method that has been replaced', () => {
  it('by a decorator above is told of', async () => {
    @Injectable()
    class Prices {
      @Traced()
      @Cached()
      async all(): Promise<number> {
        return 1;
      }

      @Traced()
      @Evicts({ tags: ['prices'] })
      change(): void {}
    }
    const { warnings } = await start(Prices);
    expect(warnings).toEqual([
      '@Cached() of Prices.all does nothing: another decorator, the constructor or a test has put another function in the place of the method. Write @Cached() above decorators that do so.',
      '@Evicts() of Prices.change does nothing: another decorator, the constructor or a test has put another function in the place of the method. Write @Evicts() above decorators that do so.',
    ]);
  });

  it('by the constructor is told of', async () => {
    @Injectable()
    class Prices {
      constructor() {
        this.all = this.all.bind(this);
      }

      @Cached()
      async all(): Promise<number> {
        return 1;
      }
    }
    const { warnings } = await start(Prices);
    expect(warnings).toHaveLength(1);
  });

  it.each(['a\nb', '\u001b[31mred', 'x\r[Nest] LOG forged', 'two\u2028lines'])(
    'is told of on one line, whatever it is called: %j',
    async (name) => {
      @Injectable()
      class Prices {
        @Traced()
        @Cached()
        async [name](): Promise<number> {
          return 1;
        }
      }
      const { warnings } = await start(Prices);
      expect(warnings).toEqual([expect.stringContaining('does nothing')]);
      expect(warnings[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    },
  );

  it('by a decorator below is cached', async () => {
    @Injectable()
    class Prices {
      loads = 0;

      @Cached()
      @Traced()
      async all(): Promise<number> {
        return ++this.loads;
      }
    }
    const { instance, warnings } = await start(Prices);
    expect([await instance.all(), await instance.all(), warnings]).toEqual([1, 1, []]);
  });

  it('by a subclass is none', async () => {
    class Prices {
      @Cached()
      async all(): Promise<number> {
        return 1;
      }
    }
    @Injectable()
    class Fresh extends Prices {
      override async all(): Promise<number> {
        return 2;
      }
    }
    @Injectable()
    class Fresher extends Fresh {}
    const { warnings } = await start(Fresher);
    expect(warnings).toEqual([]);
  });
});
