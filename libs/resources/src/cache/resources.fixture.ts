import type { LoadContext } from './entry-options.js';

export interface Thing {
  readonly id: number;
  readonly key: string;
  disposals: number;
}

/** Makes things that remember how often they were disposed of. */
export class Things {
  readonly made: Thing[] = [];
  /** Loads wait for it. */
  ready: Promise<void> | undefined;
  /** Disposals wait for it. */
  cleared: Promise<void> | undefined;
  private gone = 0;

  readonly load = async ({ key }: LoadContext): Promise<Thing> => {
    await this.ready;
    const thing = { id: this.made.length + 1, key, disposals: 0 };
    this.made.push(thing);
    return thing;
  };

  readonly dispose = async (thing: Thing): Promise<void> => {
    thing.disposals++;
    await this.cleared;
    this.gone++;
  };

  /** Made, and not completely disposed of; a count. */
  get alive(): number {
    return this.made.length - this.gone;
  }

  get disposed(): number[] {
    return this.made.filter(({ disposals }) => disposals > 0).map(({ id }) => id);
  }
}
