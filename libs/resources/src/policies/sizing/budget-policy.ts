/** What one pool has of a budget, and what it needs. All counts, but for `since`. */
export interface BudgetClaim {
  /** Resources in service or being created. Those that are being destroyed come back by themselves. */
  held: number;
  /** What it keeps even when nobody needs it. */
  min: number;
  /** Resources that nobody uses. */
  idle: number;
  /** Resources that it would create now if the budget had any left. */
  wants: number;
  /** Since when its first caller has been waiting, in milliseconds of the clock; `Infinity` when nobody is. */
  since: number;
}

/**
 * Decides who of several pools gets a unit of what they share, and who gives one.
 *
 * Shares are fair by max-min: no pool gets more than it needs, and what is too little for all is divided evenly among those
 * that need more than that; a pool's `min` is its own. A unit is taken from a busy pool only for one that
 * has less than its share, so that it is not taken back at once. It only decides; the budget acts.
 */
export class BudgetPolicy {
  /** @param total units, a count of at least 1 */
  constructor(readonly total: number) {}

  /** Which gets the next free unit: those with less than their share come first, and of these the one that has waited longest. */
  next(claims: readonly BudgetClaim[]): number | undefined {
    const shares = this.shares(claims);
    const rank = (index: number): number => (claims[index].held < shares[index] ? 0 : 1);
    const hungry = [...claims.keys()].filter((index) => claims[index].wants > 0);
    return hungry.toSorted((a, b) => rank(a) - rank(b) || compare(claims[a].since, claims[b].since))[0];
  }

  /** Which gives an idle resource, when more are wanted than there are units to come: the one that has most. */
  donor(claims: readonly BudgetClaim[]): number | undefined {
    const wanted = sum(claims, ({ wants }) => wants);
    if (wanted <= this.left(claims)) return undefined;
    const most = Math.max(...claims.map(spare));
    return most > 0 ? claims.findIndex((claim) => spare(claim) === most) : undefined;
  }

  /** Whether the pool with this index must give a resource that has just come back. */
  owes(claims: readonly BudgetClaim[], index: number): boolean {
    const now = claims.with(index, { ...claims[index], idle: claims[index].idle + 1 });
    const shares = this.shares(now);
    if (now[index].held <= shares[index]) return false;
    const owed = sum(now, ({ held, wants }, at) => Math.max(0, Math.min(wants, shares[at] - held)));
    return owed > this.left(now);
  }

  /** How many the pool with this index can have at most while all that is in use stays in use. */
  attainable(claims: readonly BudgetClaim[], index: number): number {
    return this.total - sum(claims, (claim, at) => (at === index ? 0 : claim.held - spare(claim)));
  }

  /** Units that are free, or will be when what is being destroyed is gone. */
  private left(claims: readonly BudgetClaim[]): number {
    return this.total - sum(claims, ({ held }) => held);
  }

  /** What each may have. What is left after an even division goes, one each, to those that already have more than that. */
  private shares(claims: readonly BudgetClaim[]): number[] {
    const needs = claims.map((claim) => claim.held + claim.wants - spare(claim));
    const at = (level: number): number[] =>
      claims.map(({ min }, index) => Math.max(min, Math.min(level, needs[index])));
    let [low, high] = [0, this.total];
    while (low < high) {
      const level = Math.ceil((low + high) / 2);
      if (sum(at(level), (share) => share) <= this.total) low = level;
      else high = level - 1;
    }
    const shares = at(low);
    const needMore = [...claims.keys()].filter((index) => needs[index] > low && shares[index] === low);
    needMore.sort((a, b) => claims[b].held - claims[a].held || compare(claims[a].since, claims[b].since));
    const rest = this.total - sum(shares, (share) => share);
    for (const index of needMore.slice(0, rest)) shares[index]++;
    return shares;
  }
}

/** Idle resources that a pool can do without. */
function spare({ held, min, idle, since }: BudgetClaim): number {
  return since === Infinity ? Math.max(0, Math.min(idle, held - min)) : 0;
}

function sum<E>(entries: readonly E[], of: (entry: E, index: number) => number): number {
  return entries.reduce((total, entry, index) => total + of(entry, index), 0);
}

/** Two infinities are equal. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
