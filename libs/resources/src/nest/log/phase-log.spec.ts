import { inspect } from 'node:util';
import { Test } from '@nestjs/testing';
import type { LoggerService } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Landscape } from '../../coordinator/starting/landscape.fixture.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourceFactory } from '../decorators/resource-factory.decorator.js';
import { ResourcesModule } from '../resources.module.js';
import type { ResourcesOptions } from '../resources.options.js';

/** Keeps what an application logs as `Resources`. */
class KeptLog implements LoggerService {
  readonly lines: { level: string; line: unknown }[] = [];
  readonly log = (line: unknown, context?: unknown): void => this.keep('log', line, context);
  readonly warn = (line: unknown, context?: unknown): void => this.keep('warn', line, context);
  readonly error = (line: unknown, ...rest: unknown[]): void => this.keep('error', line, rest.at(-1));

  get texts(): string[] {
    return this.lines.map(({ level, line }) => `${level}: ${String(line)}`);
  }

  private keep(level: string, line: unknown, context: unknown): void {
    if (context === 'Resources') this.lines.push({ level, line });
  }
}

let land: Landscape;
let log: KeptLog;
let close: () => Promise<void>;

async function start(options: ResourcesOptions, imports: object[] = []): Promise<ResourceCoordinator> {
  const module = await Test.createTestingModule({
    imports: [
      ResourcesModule.forRoot({ clock: land.clock, drainTimeout: 0, ...options }),
      ...(imports as never[]),
    ],
  })
    .setLogger(log)
    .compile();
  await module.init();
  close = () => module.close();
  return module.get(ResourceCoordinator);
}

beforeEach(() => {
  land = new Landscape();
  log = new KeptLog();
  close = async () => undefined;
});

afterEach(async () => {
  const closing = close();
  await land.clock.advance(20_000);
  await closing;
});

describe('the log of phases', () => {
  it('says once that a type has lost its dependency, and once that it is ready again', async () => {
    await start({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    land.breakDown('tunnel', new Error('no route to host'));
    await land.clock.advance(5_000);
    land.mend('tunnel');
    await land.clock.advance(5_000);
    expect(log.texts.filter((text) => text.includes('Resource type'))).toEqual([
      'warn: Resource type "pg" is degraded: it depends on "tunnel", which is degraded: no route to host. ' +
        'It lends nothing until "tunnel" is ready.',
      expect.stringMatching(/^log: Resource type "pg" is ready: it was degraded for \d\.\d s\.$/),
    ]);
    // What the tunnel itself goes through is said as trouble, and not twice.
    expect(log.texts.filter((text) => text.includes('Pool "tunnel"'))).toHaveLength(2);
  });

  it('says of what comes and goes once in 30 seconds that it is degraded, and then that it is ready', async () => {
    await start({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    const flap = async (): Promise<void> => {
      land.breakDown('tunnel', new Error('no route to host'));
      await land.clock.advance(1_500);
      land.mend('tunnel');
      await land.clock.advance(1_500);
    };
    const said = (): string[] =>
      log.texts.flatMap((text) => /(\w+: Resource type "pg" is \w+)/.exec(text)?.[1] ?? []);
    const once = ['warn: Resource type "pg" is degraded', 'log: Resource type "pg" is ready'];
    for (let i = 0; i < 9; i++) await flap();
    expect(said()).toEqual(once);
    land.breakDown('tunnel', new Error('no route to host'));
    await land.clock.advance(2_000);
    expect(said()).toEqual(once);
    await land.clock.advance(2_000); // 30 seconds after the first time
    expect(said()).toEqual([...once, once[0]]);
    land.mend('tunnel');
    await land.clock.advance(2_000);
    expect(said()).toEqual([...once, ...once]);
  });

  it('says that an optional type could not start, and when it has', async () => {
    land.failures.set('search', new Error('connection refused'));
    await start({ resources: { search: land.type('search', { optional: true }) } });
    expect(log.texts).toEqual([
      'warn: Resource type "search" could not start, and is degraded: connection refused. It is tried again every second.',
    ]);
    land.mend('search');
    await land.clock.advance(2_000);
    expect(log.texts).toContainEqual(
      expect.stringMatching(/^log: Resource type "search" is ready: it was degraded for \d\.\d s\.$/),
    );
  });

  it('says of each type that has failed to start why that is so', async () => {
    land.failures.set('tunnel', new Error('connection refused.'));
    const resources = { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) };
    await expect(start({ resources })).rejects.toThrow('could not create a resource');
    expect(log.texts).toEqual([
      'error: Resource type "tunnel" has failed to start: connection refused.',
      'error: Resource type "pg" has failed to start: it depends on "tunnel", which is failed: connection refused.',
    ]);
  });

  it('is one line whatever names and causes are, with the fields for machines', async () => {
    const hostile = 'pg\n\u001b[31mERROR \u202Eall is lost\u2028';
    land.failures.set(hostile, Object.assign(Object.create(null) as object, { at: hostile }));
    await start({ resources: { [hostile]: land.type(hostile, { optional: true }) } });
    const [{ line }] = log.lines;
    for (const text of [String(line), inspect(line)]) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(JSON.stringify(line))).toMatchObject({
      message: String(line),
      type: hostile,
      phase: 'degraded',
      from: 'starting',
      cause: expect.any(String),
      duration: 0,
    });
  });

  it('says nothing of what goes as it should, and nothing when logging is off', async () => {
    land.failures.set('search', new Error('connection refused'));
    await start({ resources: { pg: land.type('pg') } });
    expect(log.lines).toEqual([]);
    await start({ resources: { search: land.type('search', { optional: true }) }, logging: false });
    expect(log.lines).toEqual([]);
  });
});

describe('how a type starts', () => {
  it('is said in a feature and by a decorated factory, too', async () => {
    @ResourceFactory('decorated', { dependsOn: ['feature'], min: 1, optional: true, startTimeout: '5s' })
    class Decorated {
      create(): object {
        land.log.push('create decorated');
        return {};
      }
    }
    const feature = ResourcesModule.forFeature({ feature: land.type('feature', { dependsOn: ['root'] }) });
    const coordinator = await start({ resources: { root: land.type('root') } }, [
      feature,
      { module: class DecoratedModule {}, providers: [Decorated] },
    ]);
    expect(land.log).toEqual(['create root', 'create feature', 'create decorated']);
    expect(coordinator.stats().phases).toEqual({ root: 'ready', feature: 'ready', decorated: 'ready' });
    expect(coordinator.policies.get('decorated')).toEqual({ min: 1 });
  });

  it('is refused in a feature for a circle and an unknown name, in the words of the place', async () => {
    const circle = ResourcesModule.forFeature({ a: land.type('a', { dependsOn: ['b'] }) });
    const root = { resources: { b: land.type('b', { dependsOn: ['a'] }) } };
    await expect(start(root, [circle])).rejects.toThrow(
      /^"(resources\.b|forFeature\.a)\.dependsOn" makes a circle: /,
    );
    const unknown = ResourcesModule.forFeature({ a: land.type('a', { dependsOn: ['c'] }) });
    await expect(start({}, [unknown])).rejects.toThrow(
      'No resource type "c" is registered (known: a). "dependsOn" of a asks for it.',
    );
  });
});
