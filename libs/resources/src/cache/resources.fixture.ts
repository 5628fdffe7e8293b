import type { LoadContext } from './entry-options.js';

export interface Thing {
  readonly id: number;
  readonly key: string;
  destroyed: number;
}

/** Makes things that remember how often they were destroyed. */
export class Things {
  readonly made: Thing[] = [];
  /** Loads wait for it. */
  ready: Promise<void> | undefined;
  /** Destructions wait for it. */
  cleared: Promise<void> | undefined;
  private gone = 0;

  readonly load = async ({ key }: LoadContext): Promise<Thing> => {
    await this.ready;
    const thing = { id: this.made.length + 1, key, destroyed: 0 };
    this.made.push(thing);
    return thing;
  };

  readonly destroy = async (thing: Thing): Promise<void> => {
    thing.destroyed++;
    await this.cleared;
    this.gone++;
  };

  /** Made, and not completely destroyed; a count. */
  get alive(): number {
    return this.made.length - this.gone;
  }

  get destroyed(): number[] {
    return this.made.filter(({ destroyed }) => destroyed > 0).map(({ id }) => id);
  }
}
