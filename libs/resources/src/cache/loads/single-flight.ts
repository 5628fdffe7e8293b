import type { Timekeeping } from '../../time/timekeeping.js';
import { Flight, type FlightKind } from './flight.js';

interface FlightPlan extends Partial<FlightKind> {
  readonly abandoned?: () => void;
}

/**
 * The loads in flight, by key. It exists because a change of a key must win over a load that began before
 * it: such a load can't be joined any more, and its result is not kept.
 */
export class SingleFlight<R> {
  /** Those that can be joined. */
  private readonly current = new Map<string, Flight<R>>();
  /** Those that have not ended, superseded ones among them. */
  private readonly all = new Set<Flight<R>>();

  constructor(
    private readonly type: string,
    private readonly time: Timekeeping,
  ) {}

  get(key: string): Flight<R> | undefined {
    return this.current.get(key);
  }

  start(
    key: string,
    tags: readonly string[],
    { background = false, forced = false, abandoned }: FlightPlan = {},
  ): Flight<R> {
    const flight = new Flight<R>(this.type, key, tags, { background, forced }, this.time, () => {
      this.end(flight);
      abandoned?.();
    });
    this.current.set(key, flight);
    this.all.add(flight);
    return flight;
  }

  /** Forgets a load that has settled or was abandoned. */
  end(flight: Flight<R>): void {
    this.all.delete(flight);
    this.release(flight);
  }

  supersede(key: string): void {
    const flight = this.current.get(key);
    if (flight !== undefined) this.outdate(flight);
  }

  /** @param tag of what is deleted. Which tags a value has may be known only when it is loaded */
  supersedeTagged(tag: string): void {
    for (const flight of this.all) {
      flight.invalidated.add(tag);
      if (flight.tags.includes(tag)) this.outdate(flight);
    }
  }

  supersedeAll(): void {
    for (const flight of this.all) this.outdate(flight);
  }

  /** Fails all loads in flight, and tells them to stop. @param reason for each waiting caller */
  failAll(reason: (flight: Flight<R>, owner?: string) => Error): void {
    for (const flight of this.all) {
      this.end(flight);
      flight.failEach((owner) => reason(flight, owner));
      flight.abort(reason(flight));
    }
  }

  /** While a resource is being validated nothing has begun that a change could outdate: what is loaded then is loaded after it. */
  private outdate(flight: Flight<R>): void {
    if (flight.waitsFor === 'validation') return;
    flight.superseded = true;
    this.release(flight);
  }

  private release(flight: Flight<R>): void {
    if (this.current.get(flight.key) === flight) this.current.delete(flight.key);
  }
}
