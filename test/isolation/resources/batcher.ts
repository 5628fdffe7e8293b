/**
 * As DataLoader: what several requests ask for in one turn becomes one batch, which runs in the context of whoever
 * asked first.
 */
export class Batcher<V> {
  private waiting: { key: string; resolve: (value: V) => void; reject: (error: unknown) => void }[] = [];

  constructor(private readonly load: (keys: readonly string[]) => Promise<readonly V[]>) {}

  get(key: string): Promise<V> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.waiting.length === 1) setTimeout(() => void this.run(), 1);
    });
  }

  private async run(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    try {
      const values = await this.load(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => resolve(values[index])); // as many as keys
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
