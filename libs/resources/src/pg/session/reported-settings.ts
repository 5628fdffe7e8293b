/**
 * The settings of which the server reports each new value. One that has its former value again counts as unchanged, such as after a transaction
 * that has set it locally.
 */
export class ReportedSettings {
  private readonly former = new Map<string, unknown>();
  private readonly changed = new Map<string, unknown>();

  /** The server has reported a value. */
  told(name: string, value: unknown): void {
    if (this.former.get(name) === value) this.changed.delete(name);
    else this.changed.set(name, value);
  }

  /** Whether some have another value than before the loan. */
  get areOthers(): boolean {
    return this.changed.size > 0;
  }

  /** Takes the present values for the session's own. What a reset has not undone comes from elsewhere, such as a new configuration of the server. */
  own(): void {
    if (this.changed.size === 0) return;
    for (const [name, value] of this.changed) this.former.set(name, value);
    this.changed.clear();
  }
}
