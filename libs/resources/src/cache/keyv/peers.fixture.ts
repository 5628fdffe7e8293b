import { jest } from '@jest/globals';
import { type Cache, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCache } from '../resource-cache.js';

/** cache-manager's own events. */
const EVENTS = ['get', 'mget', 'set', 'mset', 'del', 'mdel', 'clear', 'refresh', 'ttl'] as const;

/** What both caches can be told at the start. */
export interface PeerOptions {
  readonly ttl?: number;
  readonly refreshThreshold?: number;
}

/** One of the two, on a bench: time passes for it when it is told to. */
export class Peer<C> {
  constructor(
    readonly cache: C,
    private readonly clock: VirtualClock,
  ) {}

  /** Lets time pass, and what goes on in the background settle. */
  readonly pass = async (ms: number): Promise<void> => {
    this.clock.stall(ms);
    date += ms;
    await settle();
    await settle();
  };
}

/** What was said by a cache-manager so far, and the data that it came with. */
export function hear(manager: Cache): [string, unknown][] {
  const heard: [string, unknown][] = [];
  for (const event of EVENTS) manager.on(event as 'get', (data: unknown) => void heard.push([event, data])); // whatever its data are
  return heard;
}

let date = 0;

/** Both ask for the date, which stands still unless a peer lets time pass. */
export function stopDate(): void {
  date = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => date);
}

export const realManager = (options: PeerOptions = {}): Peer<Cache> =>
  new Peer(createCache(options), new VirtualClock());

export function ourManager({ ttl, refreshThreshold }: PeerOptions = {}): Peer<Cache> {
  const clock = new VirtualClock();
  const cache = new ResourceCache({ ttl, load: { refreshAhead: refreshThreshold } }, { clock });
  return new Peer(cache.manager, clock);
}

/** Values by reference and keys without a prefix, as ours. */
export const realKeyv = ({ ttl }: PeerOptions = {}): Peer<Keyv> =>
  new Peer(
    new Keyv({ ttl, useKeyPrefix: false, serialize: undefined, deserialize: undefined }),
    new VirtualClock(),
  );

export function ourKeyv({ ttl }: PeerOptions = {}): Peer<Keyv> {
  const clock = new VirtualClock();
  return new Peer(new ResourceCache({ ttl }, { clock }).keyv, clock);
}
