/** Most connections of one type that cancel at a time: each is a process of the server, as long as it takes. */
const MOST = 5;

/** Who may connect to cancel now, and who waits, the first to come first. */
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
