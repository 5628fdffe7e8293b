import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import type { FrequencySketch } from './frequency-sketch.js';
import { NodeList } from './node-list.js';

/** The window's size, in an object of its own so that a simulation follows the cache that it simulates. */
export interface WindowSize {
  /** As a share of all entries, from 0 to 1. The window always holds at least one entry. */
  share: number;
}

/** The protected part, as a share of what is not in the window. */
const PROTECTED_SHARE = 0.8;
/** Entries that leave the window at most when one comes in: two, so that a window that is too large shrinks. */
const MOVES = 2;
/** How many of those in probation are considered. With one, a popular entry that is its oldest lets all others pass. */
const VICTIMS = 3;

/**
 * The lists of W-TinyLFU (Einziger, Friedman, Manes, ACM ToS 2017): a new entry passes a window, where the least
 * recently used leaves. What leaves the window takes the place of the least valuable one of the rest only if
 * it was used more often. The rest is in probation until it is used there, and then protected.
 *
 * It compares frequencies, and leaves counting them to others: simulations share one sketch with the cache.
 */
export class WindowTinyLfu implements EvictionPolicy {
  protected readonly window = new NodeList();
  private readonly probation = new NodeList();
  private readonly shielded = new NodeList();

  constructor(
    protected readonly sketch: FrequencySketch,
    protected readonly windowSize: WindowSize,
  ) {}

  /** Entries, the pinned ones not among them. */
  get count(): number {
    return this.window.count + this.probation.count + this.shielded.count;
  }

  add(node: EvictionNode): void {
    const { window } = this;
    window.add(node);
    const most = this.windowSize.share * this.size;
    for (let i = 0; i < MOVES && window.size > most && window.count > 1; i++) this.leaveWindow(window.oldest);
  }

  access(node: EvictionNode, _uses: number): void {
    if (node.newer === null) return;
    const { probation, shielded } = this;
    if (node.list !== probation) {
      (node.list as NodeList).refresh(node); // a node with neighbours has a list
      return;
    }
    probation.remove(node);
    shielded.add(node);
    if (shielded.size <= PROTECTED_SHARE * (shielded.size + probation.size)) return;
    const demoted = shielded.oldest as EvictionNode; // one was just added
    shielded.remove(demoted);
    probation.add(demoted);
  }

  replace(old: EvictionNode, node: EvictionNode): void {
    node.mark = old.mark;
    (old.list as NodeList).replace(old, node); // what is in the cache has a list
    this.access(node, 1);
  }

  remove(node: EvictionNode): void {
    if (node.newer !== null) (node.list as NodeList).remove(node);
  }

  evict(incoming: number): EvictionNode | null {
    const { window, probation, shielded } = this;
    const isWindowFull =
      window.size + incoming > Math.max(incoming, this.windowSize.share * (this.size + incoming));
    const candidate = isWindowFull ? this.leaveWindow(window.oldest) : null;
    const oldest = probation.oldest ?? shielded.oldest ?? window.oldest;
    if (oldest === null) return null;
    const victim = candidate === null ? oldest : this.lesser(candidate, oldest);
    (victim.list as NodeList).remove(victim);
    return victim;
  }

  pin(node: EvictionNode): void {
    (node.list as NodeList).remove(node); // what is in the cache has a list
  }

  unpin(node: EvictionNode): void {
    (node.list as NodeList).add(node);
  }

  simulation(): EvictionPolicy {
    return new WindowTinyLfu(this.sketch, this.windowSize);
  }

  clear(): void {
    this.window.clear();
    this.probation.clear();
    this.shielded.clear();
  }

  private get size(): number {
    return this.window.size + this.probation.size + this.shielded.size;
  }

  private leaveWindow(node: EvictionNode | null): EvictionNode | null {
    if (node === null) return null;
    this.window.remove(node);
    this.probation.add(node);
    return node;
  }

  /** The candidate, or one of the oldest in probation if the candidate was used more often than that. */
  private lesser(candidate: EvictionNode, oldest: EvictionNode): EvictionNode {
    const { probation, sketch } = this;
    let victim = oldest;
    let least = sketch.frequency(victim.hash);
    let other = probation.newerThan(oldest);
    for (let i = 1; i < VICTIMS && other !== null && other !== candidate; i++) {
      const frequency = sketch.frequency(other.hash);
      if (frequency < least) {
        victim = other;
        least = frequency;
      }
      other = probation.newerThan(other);
    }
    return sketch.frequency(candidate.hash) > least ? victim : candidate;
  }
}
