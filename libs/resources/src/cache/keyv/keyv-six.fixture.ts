/** As much of Keyv 6 as matters: `get` knows no `{ raw: true }` any more, and answers with the bare value. */
export class KeyvSix {
  readonly hooks = {};
  readonly stats = {};
  private readonly values = new Map<string, unknown>();

  async get(key: string): Promise<unknown> {
    return await Promise.resolve(this.values.get(key));
  }

  async getRaw(key: string): Promise<unknown> {
    return await Promise.resolve({ value: this.values.get(key) });
  }

  async setRaw(key: string, { value }: { value: unknown }): Promise<boolean> {
    return await this.set(key, value);
  }

  async set(key: string, value: unknown): Promise<boolean> {
    this.values.set(key, value);
    return await Promise.resolve(true);
  }

  async delete(key: string): Promise<boolean> {
    return await Promise.resolve(this.values.delete(key));
  }

  async clear(): Promise<void> {
    await Promise.resolve(this.values.clear());
  }
}
