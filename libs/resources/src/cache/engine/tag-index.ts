/** Which keys carry a tag, so that they can be deleted together. Holds nothing of keys without tags. */
export class TagIndex {
  private readonly keys = new Map<string, Set<string>>();

  add(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const tagged = this.keys.get(tag);
      if (tagged === undefined) this.keys.set(tag, new Set([key]));
      else tagged.add(key);
    }
  }

  remove(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const tagged = this.keys.get(tag);
      tagged?.delete(key);
      if (tagged?.size === 0) this.keys.delete(tag);
    }
  }

  /** A copy: what is done to a key changes the index. */
  keysOf(tag: string): string[] {
    return [...(this.keys.get(tag) ?? [])];
  }
}
