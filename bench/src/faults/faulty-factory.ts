import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour, Cell, Phase } from './cell.js';
import { TOOK } from './limits.js';

const NEVER = new Promise<never>(() => undefined);

export interface FaultyResource {
  readonly id: number;
  /** Whether its destruction has begun. */
  destroyed: boolean;
  /** Whether its last validation and its last reset went well. */
  fit: boolean;
  /** Validations and resets in progress. */
  busy: number;
  /** For pools that can only be told by a validation that it is broken. */
  broken: boolean;
}

/** Makes resources, has trouble while told to, and keeps the books that no pool sees. */
export class FaultyFactory {
  /** Resources that were created and whose destruction has not begun. */
  readonly live = new Set<FaultyResource>();
  troubled = false;
  onCreated: () => void = () => undefined;
  onPhase: (phase: Phase) => void = () => undefined;
  private created = 0;

  constructor(private readonly cell: Cell) {}

  async create(): Promise<FaultyResource> {
    await this.pass('create');
    const resource = { id: ++this.created, destroyed: false, fit: true, busy: 0, broken: false };
    this.live.add(resource);
    this.onCreated();
    return resource;
  }

  async validate(resource: FaultyResource): Promise<boolean> {
    await this.work('validate', resource);
    return !resource.broken;
  }

  async reset(resource: FaultyResource): Promise<void> {
    await this.work('reset', resource);
  }

  async destroy(resource: FaultyResource): Promise<void> {
    resource.destroyed = true;
    this.live.delete(resource);
    await this.pass('destroy');
  }

  private async work(phase: Phase, resource: FaultyResource): Promise<void> {
    resource.busy++;
    try {
      await this.pass(phase);
    } catch (error) {
      resource.fit = false;
      throw error;
    } finally {
      resource.busy--;
    }
  }

  private async pass(phase: Phase): Promise<void> {
    this.onPhase(phase);
    const faulty = this.troubled && phase === this.cell.phase;
    await behave(faulty ? this.cell.behaviour : 'ok', phase);
  }
}

async function behave(behaviour: Behaviour, phase: Phase): Promise<void> {
  switch (behaviour) {
    case 'ok':
      return await delay(TOOK.usual);
    case 'slow':
      return await delay(TOOK.slow);
    case 'settles late':
      return await delay(TOOK.late);
    case 'never settles':
      return await NEVER;
    case 'throws':
      throw new Error(`${phase} failed`);
  }
}
