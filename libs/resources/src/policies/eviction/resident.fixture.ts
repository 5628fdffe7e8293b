import { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';

/** The least cache that a policy needs: entries by name, and a bound by count. */
export class Resident {
  readonly nodes = new Map<string, EvictionNode>();

  constructor(
    readonly policy: EvictionPolicy,
    private readonly max: number,
  ) {}

  /** Looks names up one after the other, and puts those that are missing. @returns how many were found */
  use(...names: string[]): number {
    return names.filter((name) => this.useOne(name)).length;
  }

  get names(): string[] {
    return [...this.nodes.keys()].toSorted();
  }

  node(name: string): EvictionNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`${name} is not here`);
    return node;
  }

  /** @returns the name that left, or undefined when none could */
  evict(): string | undefined {
    const victim = this.policy.evict(1);
    const name = [...this.nodes].find(([, node]) => node === victim)?.[0];
    if (name !== undefined) this.nodes.delete(name);
    return name;
  }

  private useOne(name: string): boolean {
    const found = this.nodes.get(name);
    if (found !== undefined) {
      this.policy.access(found, 1);
      return true;
    }
    if (this.nodes.size >= this.max) this.evict();
    const node = new EvictionNode(hashOf(name), 1);
    this.policy.add(node);
    this.nodes.set(name, node);
    return false;
  }
}

/** Well-mixed bits for a name. */
export function hashOf(name: string): number {
  let hash = 7;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x5bd1e995);
  return Math.imul(hash ^ (hash >>> 13), 0x5bd1e995) ^ (hash >>> 15);
}
