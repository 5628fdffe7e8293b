/**
 * The settings whose values the server tells when they change. One that a transaction has changed and given back is as it was, whatever has
 * changed it.
 */
export class ReportedSettings {
  private readonly former = new Map<string, unknown>();
  private readonly changed = new Map<string, unknown>();

  told(name: string, value: unknown): void {
    if (this.former.get(name) === value) this.changed.delete(name);
    else this.changed.set(name, value);
  }

  /** Whether some are not as they were. */
  get areOthers(): boolean {
    return this.changed.size > 0;
  }

  /** As they are now, they belong to the session: what nobody has undone, nobody's loan has done, such as another configuration of the server. */
  own(): void {
    if (this.changed.size === 0) return;
    for (const [name, value] of this.changed) this.former.set(name, value);
    this.changed.clear();
  }
}
