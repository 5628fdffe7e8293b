import type { Clock, EvictionName } from 'nestjs-resources/cache';

/** What is measured of the engine inside a `ResourceCache`. */
interface Engine<V> {
  readonly size: number;
  readonly weight: number;
  get(key: string): { readonly value: V } | undefined;
  set(key: string, value: V, options?: { readonly weight?: number }): unknown;
  delete(key: string): boolean;
  sweep(limit: number): number;
}

interface EngineModule {
  readonly CacheEngine: new <V>(
    settings: { max: number; maxWeight: number; eviction: EvictionName; idleTtl: number },
    clock: Clock,
  ) => Engine<V>;
}

interface ClockModule {
  readonly systemClock: Clock;
}

/** The library as it was built: the engine alone is measured here, and nobody else needs it. */
const LIBRARY = new URL('../../../libs/resources/dist/', import.meta.url);

export const { CacheEngine } = (await import(
  new URL('cache/engine/cache-engine.js', LIBRARY).href
)) as EngineModule;
export const { systemClock } = (await import(new URL('time/clock.js', LIBRARY).href)) as ClockModule;
