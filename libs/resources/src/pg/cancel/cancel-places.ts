/** How many connections of one type may cancel at a time. Each costs the server a process. */
const MOST = 5;

/** Limits how many connections cancel at a time. Who comes first is let in first. */
export class CancelPlaces {
  private free = MOST;
  private readonly waiting: (() => void)[] = [];

  async enter(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free++;
    else next();
  }
}
