/** What the creation policy looks at. All counts. */
export interface CreationDemand {
  /** Callers in the queue. */
  pending: number;
  /** Resources on their way to the queue already: being created, validated or reset. */
  arriving: number;
  /** Creations in flight. */
  creating: number;
  /** Places taken under `max`: in service, being created, being destroyed. */
  occupied: number;
  max: number;
}

/**
 * Decides how many creations to start. It exists so that a burst does not over-create: a caller
 * that a resource on its way will serve needs none of its own (HikariCP's `shouldContinueCreating`).
 */
export class CreationPolicy {
  /** @param concurrency most creations in flight at once, at least 1 */
  constructor(readonly concurrency: number) {}

  /** How many creations to start now for the callers in the queue. */
  wanted({ pending, arriving, creating, occupied, max }: CreationDemand): number {
    return Math.max(0, Math.min(pending - arriving, max - occupied, this.concurrency - creating));
  }
}
