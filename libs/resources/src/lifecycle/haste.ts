/** That somebody insists on the end of a shutdown: from then on, nothing waits for work any more. It happens once. */
export class Haste {
  /** Whether somebody has insisted. */
  made = false;
  private readonly listeners = new Set<() => void>();

  make(): void {
    this.made = true;
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener();
  }

  /** Hears of it once, at once if it was made before. @returns a function that stops listening */
  follow(listener: () => void): () => void {
    if (this.made) listener();
    else this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
