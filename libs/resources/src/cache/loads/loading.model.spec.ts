import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Deferred } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { LoadContext, WrapOptions } from '../entry-options.js';
import { ResourceCache } from '../resource-cache.js';
import { type Answer, type Asking, LoadingModel } from './loading-model.fixture.js';

const KEYS = ['a', 'b'];
const TAGS = ['s', 't'];

const span = fc.constantFrom(0, 0, 20, 60);
const asking: fc.Arbitrary<Asking> = fc.record({
  ttl: fc.constantFrom(10, 50, Infinity),
  tags: fc.subarray(TAGS),
  lateTags: fc.boolean(),
  staleWhileRevalidate: span,
  staleIfError: span,
  refreshAhead: span,
  negativeTtl: span,
  errorTtl: span,
  forceRefresh: fc.constantFrom(false, false, true),
});
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wrap' as const), key, asking }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('put', 'put nothing'), key, asking }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('land', 'land nothing', 'fail'), pick: fc.nat({ max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('invalidate' as const), tag: fc.constantFrom(...TAGS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The cache and its model, side by side. */
class Run {
  private readonly clock = new VirtualClock(0);
  private readonly cache = new ResourceCache({ load: { timeout: '1d' } }, { clock: this.clock });
  private readonly model = new LoadingModel();
  private readonly answers: { answer: Answer }[] = [];
  private readonly loads: { context: LoadContext; brought: Deferred<unknown> }[] = [];
  private readonly removed: string[] = [];
  private serial = 0;

  constructor() {
    this.cache.observe((event) => {
      if (event.kind === 'removed') this.removed.push(`${event.key} ${event.reason}`);
    });
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const next of steps) {
      await this.do(next);
      await settle();
      this.compare();
    }
  }

  private async do(next: Step): Promise<void> {
    const { cache, model } = this;
    switch (next.do) {
      case 'wrap':
        return this.wrap(next.key, next.asking);
      case 'put':
      case 'put nothing': {
        const value = next.do === 'put' ? ++this.serial : undefined;
        const { ttl, tags, staleWhileRevalidate, staleIfError } = next.asking;
        model.put(next.key, value, next.asking);
        return await cache.put(next.key, value, { ttl, tags, staleWhileRevalidate, staleIfError });
      }
      case 'delete':
        model.delete(next.key);
        return void (await cache.delete(next.key));
      case 'invalidate':
        model.invalidate(next.tag);
        return void cache.invalidateTags([next.tag]);
      case 'clear':
        model.clear();
        return await cache.clear();
      case 'pass':
        this.clock.stall(next.time);
        model.now += next.time;
        return;
      default:
        return this.end(next.do, next.pick);
    }
  }

  private wrap(key: string, { lateTags, tags, ...others }: Asking): void {
    const answered: { answer: Answer } = { answer: undefined };
    const load = (context: LoadContext): Promise<unknown> => {
      const brought = new Deferred<unknown>();
      this.loads.push({ context, brought });
      return brought.promise;
    };
    const options: WrapOptions<unknown> = { ...others, tags: lateTags ? () => tags : tags };
    this.answers.push(answered);
    this.cache.wrap(key, load, options).then(
      (value) => (answered.answer = { value }),
      (failure: unknown) => (answered.answer = { failure }),
    );
    this.model.wrap(key, { lateTags, tags, ...others });
  }

  private end(how: 'land' | 'land nothing' | 'fail', pick: number): void {
    if (this.loads.length === 0) return;
    const index = pick % this.loads.length;
    const [real] = this.loads.splice(index, 1);
    const load = this.model.loads[index];
    if (real === undefined || load === undefined) throw new Error('the model has not this load');
    const brought = how === 'land nothing' ? undefined : ++this.serial;
    if (how === 'fail') {
      real.brought.reject(brought);
      this.model.fail(load, brought);
    } else {
      real.brought.resolve(brought);
      this.model.land(load, brought);
    }
  }

  private compare(): void {
    const { cache, model } = this;
    const seen = KEYS.map((name) => [cache.peek(name), cache.has(name)]);
    const expected = KEYS.map((name) => model.look(name)).map((value) => [value, value !== undefined]);
    expect(seen).toEqual(expected);
    expect(this.answers.map(({ answer }) => answer)).toEqual(model.callers.map(({ answer }) => answer));
    const loads = this.loads.map(({ context }) => [context.key, context.stale]);
    expect(loads).toEqual(model.loads.map(({ key: name, stale }) => [name, stale]));
  }

  async finish(): Promise<void> {
    await settle();
    const sorted = (removed: string[]) => removed.toSorted((one, other) => one.localeCompare(other));
    expect(sorted(this.removed)).toEqual(sorted(this.model.removed.map((removed) => removed.join(' '))));
  }
}

describe('values that are loaded, put, forced and deleted, by random operations on a virtual clock', () => {
  it('are those of the simplest cache there is, and each that leaves is told of once', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const run = new Run();
      await run.take(steps);
      await run.finish();
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
