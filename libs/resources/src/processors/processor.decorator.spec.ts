import { type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { overrideResource } from 'nestjs-resources/testing';
import { workerAt } from '../threads/processor-bench.fixture.js';
import { defineProcessor, Processor, type ProcessorDefinition } from './index.js';

const started: TestingModule[] = [];

afterEach(async () => {
  for (const module of started.splice(0)) await module.close();
});

const worker = (options: Partial<ProcessorDefinition> = {}): ProcessorDefinition => ({
  file: workerAt(),
  execArgv: ['--no-warnings'],
  ...options,
});

/** An application of these providers. */
async function start(imports: DynamicModule[], providers: Type[] = []): Promise<TestingModule> {
  const module = await Test.createTestingModule({ imports, providers }).compile();
  started.push(module);
  return await module.init();
}

const root = (): DynamicModule => ResourcesModule.forRoot({ logging: false });
const coordinatorOf = (module: TestingModule): ResourceCoordinator => module.get(ResourceCoordinator);

@Processor('pdf', worker({ pool: { max: 2 } }))
class PdfProcessor {}

@Injectable()
class Printer {
  constructor(@PooledResource('pdf') private readonly pdf: ScopedLease<Processor>) {}

  print(text: string): Promise<unknown> {
    return this.pdf.use((processor) => processor.run('echo', text));
  }
}

describe('a processor', () => {
  it('is declared by a class that is provided', async () => {
    const module = await start([root()], [PdfProcessor, Printer]);
    expect(coordinatorOf(module).pools.get('pdf')?.stats).toMatchObject({ max: 2, min: 1, idle: 1 });
    expect(await module.get(Printer).print('page')).toBe('page');
    expect(await coordinatorOf(module).process('pdf', 'echo', 1)).toBe(1);
    expect(coordinatorOf(module).stats().processors).toMatchObject({ pdf: { returned: 2 } });
  });

  it('is declared by an option of the module', async () => {
    const module = await start(
      [ResourcesModule.forRoot({ logging: false, processors: { pdf: worker() } })],
      [Printer],
    );
    expect(await module.get(Printer).print('page')).toBe('page');
    const error = await coordinatorOf(module)
      .process('pdf', 'exits', 1)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'pdf' });
  });

  it('is declared by an option that comes later', async () => {
    const useFactory = async () => ({ logging: false, processors: { pdf: worker() } });
    const module = await start([ResourcesModule.forRootAsync({ useFactory })], [Printer]);
    expect(await module.get(Printer).print('page')).toBe('page');
  });

  it('is declared as any resource is', async () => {
    const module = await start([
      ResourcesModule.forRoot({ logging: false, resources: { pdf: defineProcessor(worker()) } }),
      ResourcesModule.forFeature({ image: defineProcessor(worker()) }),
    ]);
    for (const type of ['pdf', 'image'])
      expect(await coordinatorOf(module).process(type, 'echo', type)).toBe(type);
  });

  it('is another one in each application, and for each name, that has the same definition', async () => {
    const image = defineProcessor(worker({ pool: { max: 1 } }));
    const resources = { image, pdf: image };
    const modules = [
      await start([ResourcesModule.forRoot({ logging: false, resources })]),
      await start([ResourcesModule.forRoot({ logging: false, resources })]),
    ];
    const [one, other] = modules.map(coordinatorOf);
    const crash = one?.process('pdf', 'exits', 1);
    await expect(crash).rejects.toMatchObject({ name: 'ProcessorCrashedError', type: 'pdf' });
    expect(await other?.process('image', 'echo', 1)).toBe(1);
    expect(one?.stats().processors).toMatchObject({
      pdf: { crashed: 1 },
      image: { crashed: 0, returned: 0 },
    });
    expect(other?.stats().processors).toMatchObject({ pdf: { crashed: 0 }, image: { returned: 1 } });
  });

  it('has options of the start, as any resource', async () => {
    @Processor('late', worker({ file: workerAt('throws-at-import'), optional: true, dependsOn: ['pdf'] }))
    class LateProcessor {}
    const module = await start([root()], [PdfProcessor, LateProcessor]);
    expect(coordinatorOf(module).phaseOf('late')).toBe('degraded');
    expect(coordinatorOf(module).phaseOf('pdf')).toBe('ready');
  });

  it('has threads of its own in each application, and in the second as in the first', async () => {
    const modules = [await start([root()], [PdfProcessor]), await start([root()], [PdfProcessor])];
    const threads = await Promise.all(
      modules.map((module) => coordinatorOf(module).process('pdf', 'thread')),
    );
    expect(new Set(threads).size).toBe(2);
  });

  it('that is provided in two modules is refused, as any factory', async () => {
    @Module({ providers: [PdfProcessor] })
    class One {}
    @Module({ providers: [PdfProcessor] })
    class Other {}
    const starting = Test.createTestingModule({ imports: [root(), One, Other] }).compile();
    await expect(starting.then((module) => module.init())).rejects.toThrow('is registered already');
  });

  it('is replaced in a test, and starts no thread', async () => {
    const builder = Test.createTestingModule({ imports: [root()], providers: [PdfProcessor, Printer] });
    const run = jest.fn(async () => 'fake');
    const module = await overrideResource(builder, 'pdf', { create: () => ({ run }) }).compile();
    started.push(module);
    await module.init();
    expect(await module.get(Printer).print('page')).toBe('fake');
  });

  it('that can not be loaded fails the start', async () => {
    const processors = { pdf: worker({ file: workerAt('throws-at-import') }) };
    await expect(start([ResourcesModule.forRoot({ logging: false, processors })])).rejects.toMatchObject({
      name: 'ResourceCreationError',
      cause: { name: 'TypeError', message: 'the font is missing' },
    });
  });
});

describe('a declaration that can not work', () => {
  const refusals: [string, Record<string, unknown>, string][] = [
    ['a file that is not there', { file: workerAt('missing') }, 'Beside it lie: '],
    ['no file', {}, 'must be a file URL'],
    ['an unknown option', { file: workerAt(), filename: 'x' }, '.filename" is not an option'],
    ['an option of the pool in the wrong place', { file: workerAt(), max: 2 }, 'is not an option'],
    ['an option of the pool that can not work', { file: workerAt(), pool: { max: 0 } }, 'max'],
    ['a dependency that is none', { file: workerAt(), dependsOn: 'pg' }, 'dependsOn'],
  ];

  it.each(refusals)('fails the start as an option of the module: %s', async (_, options, message) => {
    const processors = { pdf: options as unknown as ProcessorDefinition };
    const starting = start([ResourcesModule.forRoot({ logging: false, processors })]);
    await expect(starting).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining(message),
    });
  });

  it.each(refusals)('fails the start as a class: %s', async (_, options, message) => {
    const declare = async (): Promise<unknown> => {
      @Processor('pdf', options as unknown as ProcessorDefinition)
      class Wrong {}
      return await start([root()], [Wrong]);
    };
    await expect(declare()).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining(message),
    });
  });

  it.each([null, 7, 'pdf', []])('fails the start where processors are none: %j', async (processors) => {
    const given = {
      logging: false,
      processors: processors as unknown as Record<string, ProcessorDefinition>,
    };
    await expect(start([ResourcesModule.forRoot(given)])).rejects.toMatchObject({
      name: 'InvalidOptionsError',
    });
  });

  it.each(['', '__proto__'])('fails the start under the name %j', async (type) => {
    const processors = Object.fromEntries([[type, worker()]]);
    await expect(start([ResourcesModule.forRoot({ logging: false, processors })])).rejects.toMatchObject({
      name: 'InvalidOptionsError',
    });
  });

  it('fails the start where a resource has its name', async () => {
    const options = {
      logging: false,
      processors: { pdf: worker() },
      resources: { pdf: { create: () => ({}) } },
    };
    await expect(start([ResourcesModule.forRoot(options)])).rejects.toThrow('stands under "resources", too');
  });

  it('is refused where the class has methods of those names', () => {
    expect(() => {
      @Processor('pdf', worker())
      class Wrong {
        create(): void {}
      }
      return Wrong;
    }).toThrow('has a method "create"');
  });

  it('is refused where it stands twice, on a member, or without its arguments', () => {
    expect(() => {
      @Processor('pdf', worker())
      @Processor('pdf', worker())
      class Wrong {}
      return Wrong;
    }).toThrow("@Processor('pdf')");
    expect(() => Processor('pdf', worker())(class {}.prototype as never)).toThrow('does nothing there');
    expect(() => (Processor as unknown as (target: unknown) => void)(class Bare {})).toThrow(
      'without its arguments',
    );
    expect(() => Processor('', worker())).toThrow('needs the name of a resource type');
  });
});
