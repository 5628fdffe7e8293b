import { jest } from '@jest/globals';
import { LoadedThread } from '../loaded-thread.js';

/** The threads of a test's processors, from their beginning to their end. Made before they are. */
export class ThreadCount {
  /** Those that are being made, or there, a count. */
  alive = 0;
  most = 0;
  made = 0;
  /** Those that have been loaded, a count. */
  loaded = 0;
  private readonly load = LoadedThread.load.bind(LoadedThread);
  private readonly spy = jest.spyOn(LoadedThread, 'load');

  constructor() {
    this.spy.mockImplementation(async (...args) => {
      this.alive++;
      this.made++;
      this.most = Math.max(this.most, this.alive);
      try {
        const loaded = await this.load(...args);
        this.loaded++;
        void loaded.over.then(() => this.alive--);
        return loaded;
      } catch (error) {
        this.alive--;
        throw error;
      }
    });
  }

  restore(): void {
    this.spy.mockRestore();
  }
}
