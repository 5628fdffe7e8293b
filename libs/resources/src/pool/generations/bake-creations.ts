import type { Dispatcher } from '../dispatcher.js';
import type { Slot } from '../slots/slot.js';
import { canaryHost, type CanaryMaker, proveCanary } from './canary.js';
import type { CreatingInBake } from './generation-change.js';
import type { ChangeSettings } from './reconfigure-options.js';

/** The change whose generation bakes; implemented by the changeover. */
export interface BakeHost<T> {
  /** Whether the new generation is in force, and may still go. */
  readonly baking: boolean;
  /** Whether there is a place for one more. */
  readonly hasRoom: boolean;
  /** What is older than this is the old generation's. */
  readonly generation: number;
  /** What makes the new one's. */
  readonly maker: CanaryMaker<T>;
  failed(cause: unknown): void;
}

/**
 * What is created of a new generation during its bake, besides what callers need: more where places are left, and one anew now and then. Under
 * load, and without an overlap, nothing would be created otherwise: that nothing can be any more would be found out when the old generation is
 * gone. Where there is no place, one of the new generation gives up its own: the old one's may be all that there ever will be.
 */
export class BakeCreations<T> implements CreatingInBake {
  private waiting = false;
  private creating = false;
  private proving = false;

  constructor(
    private readonly dispatcher: Dispatcher<T>,
    private readonly host: BakeHost<T>,
    private readonly validate: ChangeSettings['canary']['validate'],
  ) {}

  /** Whether one is to be made as soon as there is a place for it. */
  get wants(): boolean {
    return this.waiting && this.mayCreate;
  }

  /** Whether one is being made anew, or proved. */
  get underWay(): boolean {
    return this.creating || this.proving;
  }

  /** Where resources of the old generation are on loan for want of others, and there are places, makes the others. */
  grow(): void {
    const { dispatcher, host } = this;
    const { replenisher, inventory } = dispatcher;
    const { concurrency } = host.maker.settings.creation;
    if (!this.mayCreate) return;
    let missing = inventory.slots.count((slot) => slot.state === 'busy' && inventory.keeps(slot));
    while (missing-- > 0 && host.hasRoom && replenisher.creating < concurrency) {
      if (!replenisher.gate.permits || !replenisher.share.hasSpare) return;
      replenisher.create();
    }
  }

  /** Makes one anew. Does nothing while that is under way, nor where there is nothing to go back to. */
  renew(): void {
    const { host } = this;
    if (this.waiting || this.underWay || !this.mayCreate) return;
    const young: Slot<T>[] = [];
    const old: Slot<T>[] = [];
    this.dispatcher.inventory.slots.forEach((slot) => {
      if (slot.state === 'held' || slot.retireReason !== undefined) return;
      (slot.generation < host.generation ? old : young).push(slot);
    });
    if (old.length === 0) return;
    const given = idleOf(young) ?? (host.hasRoom ? undefined : (young[0] ?? idleOf(old) ?? old[1]));
    if (given === undefined && !host.hasRoom) return;
    this.waiting = true;
    if (given !== undefined) this.giveUp(given);
    this.look();
  }

  /** There may be a place that was not there before. */
  look(): void {
    const { dispatcher, host } = this;
    const { replenisher } = dispatcher;
    if (!this.wants || !host.hasRoom || !replenisher.share.admits) return;
    this.waiting = false;
    this.creating = true;
    const canary = canaryHost(dispatcher, host.maker, {
      wanted: () => host.baking,
      arrived: (slot) => void this.prove(slot),
      failed: (cause) => {
        this.creating = false;
        if (host.baking) host.failed(cause);
        replenisher.placeFreed();
      },
    });
    replenisher.createFor(host.maker.settings, canary);
  }

  private giveUp(slot: Slot<T>): void {
    if (slot.state === 'idle') void this.dispatcher.retire(slot, 'flushed');
    else slot.retireReason = 'flushed';
  }

  private async prove(slot: Slot<T>): Promise<void> {
    const { dispatcher, host } = this;
    slot.generation = dispatcher.inventory.generations.current;
    this.creating = false;
    this.proving = true;
    try {
      await proveCanary(dispatcher, host.maker, slot, this.validate);
      if (slot.state === 'busy') void dispatcher.handOver(slot, dispatcher.time.clock.now());
    } catch (cause) {
      if (slot.state === 'busy') void dispatcher.retire(slot, 'invalid', cause);
      if (host.baking) host.failed(cause);
    }
    this.proving = false;
  }

  private get mayCreate(): boolean {
    const { paused, refusing } = this.dispatcher;
    return this.host.baking && !paused && !refusing;
  }
}

function idleOf<T>(slots: readonly Slot<T>[]): Slot<T> | undefined {
  return slots.find(({ state }) => state === 'idle');
}
