import type { Trace } from './trace.js';

const NEVER = 2 ** 31 - 1;

/** Keys by their next use, the latest on top. An entry of the past is skipped when it comes up. */
class LatestFirst {
  private readonly uses: number[] = [];
  private readonly keys: number[] = [];

  push(use: number, key: number): void {
    let at = this.uses.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = (at - 1) >> 1;
      if ((this.uses[parent] ?? NEVER) >= use) break;
      this.put(at, this.uses[parent] ?? NEVER, this.keys[parent] ?? 0);
    }
    this.put(at, use, key);
  }

  pop(): { use: number; key: number } {
    const top = { use: this.uses[0] ?? NEVER, key: this.keys[0] ?? 0 };
    const use = this.uses.pop() ?? NEVER;
    const key = this.keys.pop() ?? 0;
    const size = this.uses.length;
    if (size === 0) return top;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && (this.uses[child + 1] ?? 0) > (this.uses[child] ?? 0)) child++;
      if ((this.uses[child] ?? 0) <= use) break;
      this.put(at, this.uses[child] ?? 0, this.keys[child] ?? 0);
      at = child;
    }
    this.put(at, use, key);
    return top;
  }

  private put(at: number, use: number, key: number): void {
    this.uses[at] = use;
    this.keys[at] = key;
  }
}

/**
 * The hit rate that nobody can beat: whoever is used latest leaves, and what is used later than all that is
 * held does not even come in (Belady's MIN, with bypass).
 */
export function optimum({ accesses, keys }: Trace, max: number): number {
  const next = nextUses(accesses, keys.length);
  const due = new Int32Array(keys.length).fill(-1);
  const latest = new LatestFirst();
  let [held, hits] = [0, 0];
  for (const [at, key] of accesses.entries()) {
    const use = next[at] ?? NEVER;
    if ((due[key] ?? -1) >= 0) hits++;
    else if (use === NEVER) continue;
    else held++;
    due[key] = use;
    latest.push(use, key);
    while (held > max) {
      const top = latest.pop();
      if (due[top.key] !== top.use) continue;
      due[top.key] = -1;
      held--;
    }
  }
  return hits / accesses.length;
}

function nextUses(accesses: Int32Array, keys: number): Int32Array {
  const next = new Int32Array(accesses.length);
  const seen = new Int32Array(keys).fill(NEVER);
  for (let at = accesses.length - 1; at >= 0; at--) {
    const key = accesses[at] ?? 0;
    next[at] = seen[key] ?? NEVER;
    seen[key] = at;
  }
  return next;
}
