import { Cached } from 'nestjs-resources';
import { ResourcePool } from 'nestjs-resources/pool';

/** What the library under test can do: the test runs over older ones, too. */
export const supports = {
  /** Whether a cached method can say that it depends on the request. */
  by: accepts(() => Cached({ by: () => '' })),
  abandonment: accepts(() => new ResourcePool({ create: () => ({}) }, { abandonment: { wait: 1 } })),
};

function accepts(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}
