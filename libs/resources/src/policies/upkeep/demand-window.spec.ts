import { describe, expect, it } from '@jest/globals';
import { DemandWindow } from './demand-window.js';

function windowOf(length: number, ...demands: number[]): DemandWindow {
  const window = new DemandWindow(length);
  for (const demand of demands) window.add(demand);
  return window;
}

describe('DemandWindow', () => {
  it('has no median until it has seen enough', () => {
    expect(windowOf(3, 5, 5).median).toBeUndefined();
    expect(windowOf(3, 5, 5, 5).median).toBe(5);
  });

  it('is not impressed by a burst or a lull', () => {
    expect(windowOf(5, 4, 100, 4, 0, 4).median).toBe(4);
  });

  it('sorts by number, and rather keeps one too many', () => {
    expect(windowOf(4, 10, 9, 100, 2).median).toBe(10);
  });

  it('forgets what is older than its length', () => {
    expect(windowOf(3, 9, 9, 9, 2, 2).median).toBe(2);
  });

  it('begins anew when it is cleared', () => {
    const window = windowOf(2, 7, 7);
    window.clear();
    window.add(1);
    expect(window.median).toBeUndefined();
    window.add(1);
    expect(window.median).toBe(1);
  });
});
