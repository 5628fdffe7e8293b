import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CreateContext,
  type DestroyContext,
  InvalidOptionsError,
  type ResourceFactory,
} from 'nestjs-resources';
import {
  checkFactory,
  type CheckFactoryOptions,
  type FactoryFinding,
  UnsafeFactoryError,
} from 'nestjs-resources/testing';
import { Greeter } from './greeter.fixture.js';
import {
  ask,
  Deaf,
  IgnoresTheSignal,
  LeavesTheSocket,
  type Line,
  Lines,
  Secretive,
  ThrowsAway,
  WaitsForGoodbye,
} from './lines.fixture.js';

describe('checkFactory, with a server of no known protocol', () => {
  let greeter: Greeter;
  let options: CheckFactoryOptions<Line>;

  beforeEach(async () => {
    greeter = await Greeter.start();
    options = {
      count: () => greeter.count(),
      kill: ({ called = 0 }) => greeter.kill(called),
      silence: () => greeter.silence(),
      spoil: async (line) => {
        await ask(line, 'mine');
        throw new Error('half-way');
      },
      isClean: async (line) => (await ask(line, '?')) === 'was',
      timeout: '100ms',
      within: '500ms',
    };
  });

  afterEach(() => greeter.stop());

  async function findingsOf(
    factory: ResourceFactory<Line>,
    more: Partial<CheckFactoryOptions<Line>> = {},
  ): Promise<readonly FactoryFinding[]> {
    const failure = await checkFactory(factory, { ...options, ...more }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnsafeFactoryError);
    return (failure as UnsafeFactoryError).findings;
  }

  it('reports of a safe factory what was tried, and leaves nothing behind', async () => {
    const report = await checkFactory(new Lines(greeter), { ...options, seed: 7 });
    expect(report).toEqual({
      seed: 7,
      checks: ['create', 'destroy', 'abort', 'reset', 'kill', 'silence'],
    });
    expect(greeter.count()).toBe(0);
  });

  it('tries only what there are hooks for', async () => {
    const { checks } = await checkFactory(new Lines(greeter), { count: options.count });
    expect(checks).toEqual(['create', 'destroy', 'abort']);
  });

  it('finds what lives on after an aborted creation, and names the seed', async () => {
    const factory = new ThrowsAway(greeter);
    const failure = checkFactory(factory, { count: options.count, within: '200ms', aborts: 5, seed: 42 });
    await expect(failure).rejects.toMatchObject({
      seed: 42,
      findings: [{ check: 'abort', found: expect.stringMatching(/^it is [1-5]$/) }],
      message: expect.stringMatching(
        /^The factory is not safe \(seed: 42\)\.\n1\. abort: aborted 5 creations/,
      ),
    });
  });

  it('finds a creation that goes on for ever when the server says nothing', async () => {
    expect(await findingsOf(new IgnoresTheSignal(greeter))).toMatchObject([
      { check: 'silence', found: 'create has not settled; still open: TCP socket (1)' },
    ]);
  });

  it('finds a destroy that waits for a server that says nothing', async () => {
    const found = 'destroy has not settled; still open: TCP socket (1)';
    expect(await findingsOf(new WaitsForGoodbye(greeter))).toMatchObject([
      { check: 'silence', done: expect.stringContaining('destroyed a resource'), found },
      { check: 'silence', done: expect.stringContaining('validated a resource'), found },
    ]);
  });

  it('finds a socket that destroy has left open', async () => {
    const [finding] = await findingsOf(new LeavesTheSocket(greeter));
    expect(finding).toMatchObject({ found: 'destroy has settled; still open: TCP socket (1)' });
  });

  it('finds that nobody listens to errors, and survives them', async () => {
    expect(await findingsOf(new Deaf(greeter), { silence: undefined })).toMatchObject([
      { check: 'kill', done: expect.stringContaining('ECONNRESET') },
    ]);
  });

  it('finds that a dead resource would be lent', async () => {
    expect(await findingsOf(new Secretive(greeter), { silence: undefined })).toMatchObject([
      { check: 'kill', found: 'neither: the pool would lend it' },
    ]);
  });

  it.each<[string, Partial<Lines>, string]>([
    ['is missing', { reset: undefined }, 'there is no reset'],
    [
      'fails',
      { reset: () => Promise.reject(new Error('in a transaction')) },
      'it failed: in a transaction: the resource is lost',
    ],
    ['hangs', { reset: () => new Promise(() => undefined) }, 'it has not settled: the resource is lost'],
    [
      'forgets',
      { reset: () => Promise.resolve() },
      'it does not: the next borrower finds what the last one left',
    ],
  ])('finds a reset that %s', async (_, change, found) => {
    const factory = Object.assign(new Lines(greeter), change);
    expect(await findingsOf(factory, { silence: undefined })).toMatchObject([{ check: 'reset', found }]);
  });

  it('finds that nothing ends what create has opened', async () => {
    const factory = Object.assign(new Lines(greeter), { destroy: undefined });
    const [first] = await findingsOf(factory, { silence: undefined });
    expect(first).toMatchObject({ check: 'destroy', found: 'it is 1' });
  });

  it('finds a destroy that fails', async () => {
    const lines = new Lines(greeter);
    const factory: ResourceFactory<Line> = {
      create: (context) => lines.create(context),
      async destroy(line, context) {
        await lines.destroy(line, context);
        throw new Error('no goodbye');
      },
    };
    expect(
      await findingsOf(factory, { silence: undefined, spoil: undefined, isClean: undefined }),
    ).toMatchObject([{ check: 'destroy', found: 'it failed: no goodbye' }]);
  });

  it('stops at once where nothing could be judged', async () => {
    expect(await findingsOf(new Lines({ port: 1 }))).toMatchObject([
      { check: 'create', found: expect.stringContaining('it failed: connect ECONNREFUSED') },
    ]);
    expect(await findingsOf(new Lines(greeter), { count: () => 0 })).toMatchObject([
      { check: 'create', expected: 'count() to be more than 0 within 500 ms' },
    ]);
    expect(await findingsOf({ create: () => undefined as unknown as Line })).toMatchObject([
      { check: 'create', found: 'it returned undefined' },
    ]);
  });

  it('takes a definition of a keyed type with the key that it needs', async () => {
    const lines = new Lines(greeter);
    const keys = new Set<string>();
    const definition = {
      create: (context: Parameters<Lines['create']>[0]) => {
        keys.add(context.key);
        return lines.create(context);
      },
      destroy: lines.destroy.bind(lines),
      pool: { keyed: {} },
    };
    const { count } = options;
    await checkFactory(definition, { count, key: 'acme' });
    expect([...keys]).toEqual(['acme']);
    await expect(checkFactory(definition, { count })).rejects.toThrow(
      '"key" is needed by "create" of a keyed type',
    );
  });

  it('tells "create" its credentials, as the definition reads them or as the options do', async () => {
    const lines = new Lines(greeter);
    const seen = new Set<unknown>();
    const definition = {
      create: (context: CreateContext<string>) => {
        seen.add(context.secret);
        return lines.create(context);
      },
      destroy: (line: Line, context: DestroyContext) => lines.destroy(line, context),
      pool: { credentials: { secret: () => Promise.resolve('of the pool') } },
    };
    const { count } = options;
    await checkFactory(definition, { count, aborts: 2 });
    expect([...seen]).toEqual(['of the pool']);
    await checkFactory(definition, { count, aborts: 2, secret: () => 'of the test' });
    expect([...seen]).toEqual(['of the pool', 'of the test']);
  });

  it('throws what a hook throws, and leaves nothing behind', async () => {
    const kill = (): never => {
      throw new Error('no such session');
    };
    await expect(checkFactory(new Lines(greeter), { ...options, kill })).rejects.toThrow('no such session');
    expect(greeter.count()).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['a class', Lines, '"factory" must be a factory'],
    ['nothing', undefined, '"factory" must be a factory'],
  ])('refuses %s as a factory', async (_, factory, problem) => {
    await expect(checkFactory(factory as Lines, options)).rejects.toThrow(problem);
  });

  it.each<[string, object, string]>([
    ['no count', { count: undefined }, '"count" must be a function'],
    ['a count of nothing', { count: () => undefined }, '"count" must return a whole number'],
    [
      'a count that never ends',
      { count: () => new Promise(() => undefined) },
      'count did not settle within 500 ms',
    ],
    ['isClean without spoil', { spoil: undefined }, '"isClean" needs "spoil"'],
    ['an unknown option', { silent: true }, '"silent" is not an option'],
    ['a time that is none', { timeout: 'soon' }, '"timeout" must be milliseconds'],
    ['no aborts', { aborts: 0 }, '"aborts" must be a whole number of at least 1'],
    ['half a seed', { seed: 0.5 }, '"seed" must be a whole number of at least 0'],
    ['a key that is none', { key: 5 }, '"key" must be a string'],
  ])('refuses %s', async (_, change, problem) => {
    const failure = checkFactory(new Lines(greeter), { ...options, ...change });
    await expect(failure).rejects.toThrow(problem);
  });

  it('refuses options that are none by name', async () => {
    const failure = checkFactory(new Lines(greeter), undefined as unknown as CheckFactoryOptions<Line>);
    await expect(failure).rejects.toBeInstanceOf(InvalidOptionsError);
  });
});
