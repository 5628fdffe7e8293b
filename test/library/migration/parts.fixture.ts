/** What both pools of a comparison lend. */
export interface Part {
  readonly id: number;
}

/** Makes parts, and keeps the books. The same object serves as a factory of a peer and of ours. */
export class Parts {
  /** Calls of `create`. */
  attempts = 0;
  /** How many of the first of them fail. */
  failing = 0;
  made = 0;
  destroyed = 0;
  /** Whether `destroy` ever ends. */
  ends = true;

  readonly create = async (): Promise<Part> => {
    if (this.attempts++ < this.failing) throw new Error('connection refused');
    return { id: ++this.made };
  };

  readonly destroy = async (): Promise<void> => {
    this.destroyed++;
    if (!this.ends) await new Promise(() => undefined);
  };

  /** Parts that exist or are being destroyed, a count. */
  get alive(): number {
    return this.ends ? this.made - this.destroyed : this.made;
  }
}
