import { expect } from '@jest/globals';
import * as fc from 'fast-check';
import { CacheEngine } from './cache-engine.js';
import type { RemovalCause } from '../../reports/cache-stats.js';
import type { CacheEngineSettings } from './cache-engine-settings.js';
import type { CacheEntry } from './cache-entry.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';

/** One operation on an engine. */
export type Step =
  | { do: 'get' | 'peek' | 'delete' | 'pin' | 'unpin'; key: string }
  | { do: 'set'; key: string; weight: number; ttl: number }
  | { do: 'clear' | 'evict' }
  | { do: 'sweep' | 'pass'; count: number };

const KEYS = ['', '__proto__', 'constructor', 'a', 'b', 'c', 'd', 'e', 'f', '\ud800', 'a'.repeat(1_000)];

const key = fc.constantFrom(...KEYS);
const count = fc.integer({ min: 0, max: 40 });
const ttl = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 50 }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('get', 'peek', 'delete', 'pin', 'unpin'), key }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('set'), key, weight: fc.integer({ min: 1, max: 12 }), ttl }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('sweep', 'pass'), count }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('evict', 'evict', 'clear') }) },
) as fc.Arbitrary<Step>; // the names of the records' steps are those of the type

interface Held {
  entry: CacheEntry<number>;
  value: number;
  weight: number;
  expiresAt: number;
  idleAt: number;
  pins: number;
}

/** The simplest cache there is, which lets the engine choose whom to evict and checks everything else. */
export class EngineModel {
  private readonly clock = new VirtualClock();
  private readonly held = new Map<string, Held>();
  /** Every entry that was ever made, for pins that outlive their entry. */
  private readonly made: CacheEntry<number>[] = [];
  private readonly engine: CacheEngine<number>;
  private current: Step = { do: 'evict' };
  private values = 0;

  constructor(private readonly settings: CacheEngineSettings) {
    this.engine = new CacheEngine(settings, this.clock, (entry, cause) => this.removed(entry, cause));
  }

  run(steps: readonly Step[]): void {
    for (const next of steps) {
      this.current = next;
      this.take(next);
      this.compare();
    }
  }

  private take(next: Step): void {
    const { engine, clock } = this;
    switch (next.do) {
      case 'get':
        return this.found(next.key, engine.get(next.key), true);
      case 'peek':
        return this.found(next.key, engine.peek(next.key), false);
      case 'set':
        return this.put(next.key, next.weight, clock.now() + next.ttl);
      case 'delete': {
        const was = this.live(next.key) !== undefined;
        expect(engine.delete(next.key)).toBe(was);
        return;
      }
      case 'pin':
        return this.pin(next.key);
      case 'unpin':
        return this.unpin();
      case 'evict': {
        const evictable = [...this.held.values()].some(({ pins }) => pins === 0);
        const { size } = engine;
        expect(engine.evict()).toBe(evictable);
        expect(engine.size).toBe(evictable ? size - 1 : size);
        return;
      }
      case 'clear':
        engine.clear();
        expect(engine.size).toBe(0);
        return;
      case 'sweep':
        expect(engine.sweep(next.count)).toBeLessThanOrEqual(next.count);
        return;
      case 'pass':
        clock.stall(next.count);
    }
  }

  private live(of: string): Held | undefined {
    const held = this.held.get(of);
    return held === undefined || this.hasExpired(held) ? undefined : held;
  }

  private hasExpired({ expiresAt, idleAt }: Held): boolean {
    return Math.min(expiresAt, idleAt) <= this.clock.now();
  }

  private found(of: string, entry: CacheEntry<number> | undefined, isUse: boolean): void {
    const held = this.live(of);
    expect(entry).toBe(held?.entry);
    expect(entry?.value).toBe(held?.value);
    if (isUse && held !== undefined) held.idleAt = this.clock.now() + this.settings.idleTtl;
  }

  private put(of: string, weight: number, expiresAt: number): void {
    const { max, maxWeight, idleTtl } = this.settings;
    const pinned = [...this.held].filter(([other, { pins }]) => other !== of && pins > 0);
    const pinnedWeight = pinned.reduce((sum, [, held]) => sum + held.weight, 0);
    const fits = pinned.length < max && pinnedWeight + weight <= maxWeight;
    const value = this.values++;
    const entry = this.engine.set(of, value, { weight, expiresAt });
    expect(entry !== undefined).toBe(fits);
    if (entry === undefined) return;
    this.made.push(entry);
    this.held.set(of, { entry, value, weight, expiresAt, idleAt: this.clock.now() + idleTtl, pins: 0 });
  }

  private pin(of: string): void {
    const entry = this.engine.peek(of);
    const held = this.held.get(of);
    if (entry === undefined || held === undefined) return;
    this.engine.pin(entry);
    held.pins++;
  }

  /** Undoes a pin of whatever was pinned first, in the cache or not. */
  private unpin(): void {
    const entry = this.made.find(({ pins }) => pins > 0);
    if (entry === undefined) return;
    this.engine.unpin(entry);
    const held = this.held.get(entry.key);
    if (held?.entry === entry) held.pins--;
  }

  private removed(entry: CacheEntry<number>, cause: RemovalCause): void {
    const { current, engine } = this;
    const held = this.held.get(entry.key);
    // By the model a replaced entry is still held; when it is gone from there, it was reported before.
    expect(held?.entry).toBe(entry);
    if (held === undefined) return;
    this.held.delete(entry.key);
    expect(entry.held).toBe(false);
    const isOfKey = 'key' in current && current.key === entry.key;
    if (cause === 'expired') expect(this.hasExpired(held)).toBe(true);
    else if (cause === 'deleted') expect([current.do, isOfKey]).toEqual(['delete', true]);
    else if (cause === 'replaced') expect([current.do, isOfKey]).toEqual(['set', true]);
    else if (cause === 'cleared') expect(current.do).toBe('clear');
    else expect([['set', 'evict'].includes(current.do), held.pins]).toEqual([true, 0]);
    expect(engine.peek(entry.key)).not.toBe(entry);
  }

  private compare(): void {
    const { engine, held, settings } = this;
    const all = [...held.values()];
    const live = all.filter((one) => !this.hasExpired(one)).map(({ entry }) => entry.key);
    const problems = Object.entries({
      size: engine.size === all.length,
      weight: engine.weight === all.reduce((sum, { weight }) => sum + weight, 0),
      pinned: engine.pinned === all.filter(({ pins }) => pins > 0).length,
      max: engine.size <= settings.max,
      maxWeight: engine.weight <= settings.maxWeight,
      keys: [...engine.keys()].toSorted().join() === live.toSorted().join(),
    }).filter(([, isRight]) => !isRight);
    if (problems.length > 0) expect(problems).toEqual([]);
  }
}
